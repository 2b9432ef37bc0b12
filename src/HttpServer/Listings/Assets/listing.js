(() => {
  'use strict';
  const d = document, q = d.getElementById('q'), n = d.getElementById('n'), link = r => r.cells[0].firstChild;
  let up, rows, all, names;

  // The server writes its own zone's time with the offset.
  const f = new Intl.DateTimeFormat([], {dateStyle: 'medium', timeStyle: 'short'});
  const dates = () => {
    for (const t of d.querySelectorAll('time')) {
      const v = new Date(t.textContent.replace(' ', 'T'));
      if (!isNaN(v)) { t.dateTime = v.toISOString(); t.textContent = f.format(v); }
    }
  };

  const filter = () => {
    const w = q.value.toLowerCase();
    let c = 0;
    rows.forEach((r, i) => {
      const h = !names[i].includes(w);
      if (r.hidden !== h) r.hidden = h;
      if (!h) c++;
    });
    n.textContent = w ? c + ' of ' + rows.length + ' shown' : '';
  };

  // Once, and again when a script has put another list in the place of the first.
  const read = () => {
    up = d.querySelector('#up a');
    rows = [...d.querySelectorAll('tbody tr:not(#up)')];
    all = [...d.querySelectorAll('tbody tr')];
    names = rows.map(r => link(r).textContent.toLowerCase());
    dates();
    if (rows.length > 1) q.hidden = n.hidden = false;
    if (q.value) filter();
  };
  read();
  q.addEventListener('input', filter);
  d.addEventListener('listing', read);

  // From the focused row, or from the ends, to the next one that is shown.
  const go = (from, step) => {
    for (let i = from; i >= 0 && i < all.length; i += step)
      if (!all[i].hidden) { link(all[i]).focus(); return true; }
  };
  const at = () => all.indexOf(d.activeElement.closest('tbody tr'));
  d.addEventListener('keydown', e => {
    if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    const box = e.target === q, k = e.key, i = at();
    if (!box && e.target.closest('input,textarea,select,button')) return;
    if (k === 'ArrowDown' || k === 'j' && !box) go(i + 1, 1);
    else if (k === 'ArrowUp' && !box || k === 'k' && !box) { if (i < 0 || !go(i - 1, -1) && !q.hidden) q.focus(); }
    else if (k === 'Home' && !box) go(0, 1);
    else if (k === 'End' && !box) go(all.length - 1, -1);
    else if (k === '/' && !box && !q.hidden) q.select();
    else if (k === 'Escape' && !q.hidden && (box || q.value)) { if (q.value) { q.value = ''; filter(); } else q.blur(); }
    else if (k === 'Enter' && box && q.value) { const r = rows.find(r => !r.hidden); if (r) link(r).click(); }
    else if (k === 'Backspace' && !box && up) up.click();
    else return;
    e.preventDefault();
  });
})();
