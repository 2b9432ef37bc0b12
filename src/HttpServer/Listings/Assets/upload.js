(() => {
  'use strict';
  const d = document, form = d.getElementById('send'), pick = d.getElementById('pick'), list = d.getElementById('sent'),
    told = d.getElementById('told'), most = +form.dataset.most, over = 'over' in form.dataset, queue = [];
  let busy = false, stored = 0;

  const size = n => {
    let u = 0;
    while (n >= 1023.95 && u < 6) { n /= 1024; u++; }
    return (u ? n.toFixed(1) : n) + ' ' + ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'][u];
  };
  const make = (tag, to, text) => {
    const e = d.createElement(tag);
    if (text) e.textContent = text;
    to.append(e);
    return e;
  };
  const say = (job, text, bad) => {
    job.item.className = bad ? 'bad' : '';
    job.note.textContent = text;
    told.textContent = job.file.name + ': ' + text;
  };
  const button = (job, text, act) => {
    job.button.textContent = text;
    job.button.hidden = !text;
    job.button.setAttribute('aria-label', text + ' ' + job.file.name);
    job.act = act;
  };
  const taken = name => [...d.querySelectorAll('tbody tr:not(#up) a')]
    .some(a => decodeURIComponent(a.getAttribute('href').split('?')[0].replace(/\/$/, '')) === name);
  const sentence = html => ((/<p>([^<]*)/.exec(html) || [])[1] || '').replace(/&#x27;/g, "'").replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

  // What the server would refuse anyway is not sent: a browser that is still sending may never see the answer.
  const fail = (job, text, retry) => {
    job.bar.hidden = true;
    say(job, text, true);
    button(job, retry || '', () => { job.replace = retry === 'Replace'; enqueue(job); });
    next();
  };
  const clash = job => fail(job, over
    ? 'A file of this name is there already.'
    : 'A file of this name is there already, and this server replaces none.', over ? 'Replace' : '');
  const enqueue = job => {
    job.bar.hidden = false;
    job.bar.removeAttribute('value');
    say(job, 'Waiting');
    button(job, 'Cancel', () => {
      queue.splice(queue.indexOf(job), 1);
      job.bar.hidden = true;
      say(job, 'Cancelled', true);
      button(job, 'Retry', () => enqueue(job));
    });
    queue.push(job);
    if (!busy) next();
  };
  const next = () => {
    const job = queue.shift();
    busy = !!job;
    if (job) send(job);
    else if (stored) refresh();
  };

  const send = job => {
    const f = job.file;
    if (f.size > most) return fail(job, 'The file is larger than the ' + size(most) + ' that this server takes.');
    if (!job.replace && taken(f.name)) return clash(job);
    const x = new XMLHttpRequest();
    job.sending = true;
    try { x.open('PUT', form.action + encodeURIComponent(f.name)); }
    catch { job.sending = false; return fail(job, 'The file has a name that cannot be sent.'); }
    x.upload.onprogress = e => {
      if (e.lengthComputable && e.total) {
        job.bar.value = e.loaded / e.total;
        job.note.textContent = size(e.loaded) + ' of ' + size(e.total);
      }
    };
    x.upload.onload = () => { job.bar.removeAttribute('value'); job.note.textContent = 'Being stored'; };
    x.onload = () => {
      const s = x.status;
      if (s === 201 || s === 204) {
        stored++;
        job.bar.value = 1;
        say(job, (s === 204 ? 'Replaced, ' : 'Stored, ') + size(f.size));
        button(job, '');
        next();
      }
      else if (!job.replace && (s === 412 || s === 409 && taken(f.name))) clash(job);
      else if (s === 413) fail(job, 'The file is larger than this server takes.');
      else if (s === 507) fail(job, 'There is no room for it: the disk of the server is full.', 'Retry');
      else fail(job, sentence(x.responseText) || 'The server answered ' + s + '.', s > 499 || s === 401 || s === 408 ? 'Retry' : '');
    };
    x.onerror = () => fail(job, 'The connection was lost.', 'Retry');
    x.onabort = () => fail(job, 'Cancelled', 'Retry');
    if (!job.replace) x.setRequestHeader('If-None-Match', '*');
    say(job, 'Sending');
    button(job, 'Cancel', () => x.abort());
    x.send(f);
  };

  // The list as it is now, in the place of the one that was; the filter and the keys are told.
  const refresh = async () => {
    const n = stored;
    stored = 0;
    told.textContent = n + (n === 1 ? ' file' : ' files') + ' stored';
    try {
      const r = await fetch(location.href, {headers: {Accept: 'text/html'}, cache: 'no-cache'}),
        p = new DOMParser().parseFromString(await r.text(), 'text/html');
      for (const w of ['tbody', 'caption']) {
        const e = p.querySelector(w);
        if (!e) throw 0;
        d.querySelector(w).replaceWith(e);
      }
      d.dispatchEvent(new Event('listing'));
    } catch { location.reload(); }
  };

  const add = files => {
    for (const file of files) {
      const item = make('li', list), job = {file, item};
      make('b', item, file.name);
      job.bar = make('progress', item);
      job.bar.max = 1;
      job.bar.setAttribute('aria-label', file.name);
      job.button = make('button', item);
      job.button.type = 'button';
      job.button.onclick = () => job.act();
      job.note = make('span', item);
      enqueue(job);
    }
  };
  form.addEventListener('submit', e => { e.preventDefault(); add(pick.files); form.reset(); });
  pick.addEventListener('change', () => { add(pick.files); form.reset(); });
  form.querySelector('button').hidden = true;
  form.querySelector('span').hidden = false;

  const has = e => e.dataTransfer && e.dataTransfer.types.includes('Files'), mark = on => d.body.classList.toggle('drop', on);
  d.addEventListener('dragover', e => { if (has(e)) { e.preventDefault(); e.dataTransfer.dropEffect = 'copy'; mark(true); } });
  d.addEventListener('dragleave', e => { if (!e.relatedTarget) mark(false); });
  d.addEventListener('drop', e => {
    mark(false);
    if (!has(e)) return;
    e.preventDefault();
    const folders = [...e.dataTransfer.items].map(i => i.webkitGetAsEntry && i.webkitGetAsEntry())
      .filter(i => i && i.isDirectory).map(i => i.name);
    add([...e.dataTransfer.files].filter(f => !folders.includes(f.name)));
    if (folders.length) told.textContent = make('li', list, 'Directories are not uploaded: ' + folders.join(', ')).textContent;
  });
  addEventListener('beforeunload', e => { if (busy) e.preventDefault(); });
})();
