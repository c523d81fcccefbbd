for (const table of document.querySelectorAll("table[data-sortable]:not([data-sorts])")) {
  table.dataset.sorts = "";
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent;
  const gap = (row, at) => row.cells[at].classList.contains("none");
  for (const [at, head] of heads.entries()) head.querySelector("button").addEventListener("click", () => {
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    const numbers = rows.every((row) => gap(row, at) || Number.isFinite(Number(key(row, at))));
    rows.sort((a, b) => gap(a, at) - gap(b, at) ||
      sign * (numbers ? Number(key(a, at)) - Number(key(b, at)) : key(a, at).localeCompare(key(b, at))));
    table.tBodies[0].append(...rows);
  });
}
