'use strict';
{
  const base = location.pathname.replace(/\/+$/, '');
  const find = id => document.getElementById(id);
  const whole = new Intl.NumberFormat();
  const small = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
  const time = ms => ms == null ? '' : ms < 1000 ? small.format(ms) + ' ms' : small.format(ms / 1000) + ' s';
  const rates = [];
  let before = null;

  // Cells are changed where they stand: what a reader has selected stays selected.
  const fill = (body, rows) => {
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((row, at) => {
      const line = body.rows[at] ?? body.insertRow();
      if (line.className !== (row.kind ?? '')) line.className = row.kind ?? '';
      row.cells.forEach((cell, column) => {
        const place = line.cells[column] ?? line.insertCell();
        const [text, kind = ''] = [].concat(cell);
        if (place.textContent !== text) place.textContent = text;
        if (place.className !== kind) place.className = kind;
      });
    });
  };

  const count = (value, kind = '') => [whole.format(value), ('n ' + kind).trim()];
  const errors = value => count(value, value > 0 ? 'error' : '');

  const draw = rate => {
    rates.push(rate);
    if (rates.length > 300) rates.shift();
    const most = Math.max(1, ...rates);
    find('chart').firstElementChild.setAttribute('points',
      rates.map((each, at) => `${300 - rates.length + at + 1},${(38 - 36 * each / most).toFixed(1)}`).join(' '));
  };

  const show = state => {
    const own = state.servers.find(server => server.name === state.name);
    const at = Date.parse(state.time);
    if (before && at > before.at) {
      const rate = Math.max(0, state.total.calls - before.calls) * 1000 / (at - before.at);
      find('rate').textContent = small.format(rate);
      draw(rate);
    }
    before = { at, calls: state.total.calls };
    find('p95').textContent = time(state.total.p95) || '–';
    find('errors').textContent = whole.format(state.total.errors);
    if (own) {
      find('active').textContent = whole.format(own.active);
      find('workers').textContent = `${own.workersBusy}/${own.workersBusy + own.workersIdle}`;
      find('queue').textContent = whole.format(own.queue);
    }
    fill(find('servers'), state.servers.map(each => ({
      cells: [each.name, each.uri ?? '', each.state, count(each.requests), errors(each.errors), count(each.active),
        count(each.connections), [`${each.workersBusy}/${each.workersBusy + each.workersIdle}`, 'n'], count(each.queue)],
    })));
    fill(find('handlers'), state.handlers.map(each => ({
      cells: [each.name, each.method, each.path ?? '*', count(each.calls), errors(each.errors),
        [time(each.p50), 'n'], [time(each.p95), 'n'], [time(each.p99), 'n']],
    })));
    fill(find('log'), state.log.map(each => ({
      kind: each.level === 'Error' || each.status >= 500 ? 'error' : each.level === 'Warning' ? 'warning' : '',
      cells: [clock.format(new Date(each.time)), each.client ?? '', [each.text ?? '', 'text'],
        [each.status == null ? '' : String(each.status), 'n'], [time(each.duration), 'n']],
    })));
  };

  const tell = (text, kind) => {
    find('link').textContent = text;
    find('link').className = kind;
  };

  const source = new EventSource(base + '/events');
  source.addEventListener('open', () => tell('live', 'live'));
  source.addEventListener('error', () => tell('connecting again', 'lost'));
  source.addEventListener('state', event => show(JSON.parse(event.data)));
  fetch(base + '/data').then(answer => answer.json()).then(show).catch(() => { });
}
