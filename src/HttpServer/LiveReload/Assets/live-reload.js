(() => {
  'use strict';
  const address = new URL('live-reload', document.currentScript.src).href;
  let known, events;

  const restyle = () => {
    for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(old.href, location.href);
      if (url.origin !== location.origin || old.disabled) continue;
      url.searchParams.set('live-reload', known);
      const link = old.cloneNode();
      link.href = url.href;
      link.addEventListener('load', () => old.remove());
      link.addEventListener('error', () => link.remove());
      old.after(link);
    }
  };

  const listen = () => {
    if (events || (known && document.hidden)) return;
    events = new EventSource(address);
    events.addEventListener('version', event => {
      if (known && known !== event.data) location.reload();
      known = event.data;
      if (document.hidden) leave();
    });
    events.addEventListener('style', event => { known = event.data; restyle(); });
    events.addEventListener('reload', () => location.reload());
    events.addEventListener('error', () => {
      if (events && events.readyState === EventSource.CLOSED) { leave(); setTimeout(listen, 2000); }
    });
  };

  const leave = () => {
    if (events) events.close();
    events = undefined;
  };

  document.addEventListener('visibilitychange', () => document.hidden ? leave() : listen());
  addEventListener('pagehide', leave);
  addEventListener('pageshow', listen);
  listen();
})();
