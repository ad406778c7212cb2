// Tables whose columns may be put in order: a press on a head, by mouse or keyboard, sorts by it,
// the least first; one more press turns it round.
"use strict";
(() => {
  // "76 %", "1,204" and the like as a number; what is not there comes last.
  function numberOf(cell) {
    const found = cell.firstChild.textContent.replace(/,/g, "").match(/-?\d+(\.\d+)?/);
    return found ? Number(found[0]) : Infinity;
  }

  function sort(table, head) {
    const heads = [...table.tHead.rows[0].cells];
    const column = heads.indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    const rows = [...table.tBodies[0].rows].map((row, at) => ({ row, at, value: numberOf(row.cells[column]) }));
    const order = (a, b) => (a.value === b.value ? a.at - b.at : a.value < b.value ? -1 : 1);
    rows.sort((a, b) => (down && Number.isFinite(a.value) && Number.isFinite(b.value) ? -order(a, b) : order(a, b)));
    table.tBodies[0].append(...rows.map(({ row }) => row));
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  for (const table of document.querySelectorAll("table[data-sort]")) {
    for (const head of table.querySelectorAll("thead th")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head));
      head.append(button);
    }
  }
})();
