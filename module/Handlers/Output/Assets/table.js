(() => {
  'use strict';
  const table = document.querySelector('table'), body = table.tBodies[0];
  const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
  const text = new Intl.Collator([], {numeric: true, sensitivity: 'base'});

  // Empty cells are last in both orders.
  const order = (a, b, back) => {
    if (!a.textContent || !b.textContent) return !a.textContent - !b.textContent;
    const numbers = a.className === 'n' && b.className === 'n';
    return back * (numbers ? a.textContent - b.textContent : text.compare(a.textContent, b.textContent));
  };

  heads.forEach((head, at) => head.firstChild.addEventListener('click', () => {
    const back = head.ariaSort === 'ascending' ? -1 : 1;
    for (const other of heads) other.removeAttribute('aria-sort');
    head.ariaSort = back < 0 ? 'descending' : 'ascending';
    body.append(...[...body.rows].sort((a, b) => order(a.cells[at], b.cells[at], back)));
  }));
})();
