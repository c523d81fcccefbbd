// Sorts `table[data-sortable]` by the button in a head cell, and filters its rows by a text. Gaps stay last, and
// `data-value` is a number exactly. Runs in a browser.
for (const table of document.querySelectorAll("table[data-sortable]:not([data-sorts])")) {
  table.dataset.sorts = "";
  const [body] = table.tBodies;
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent;
  const gap = (row, at) => "gap" in row.cells[at].dataset;
  for (const [at, head] of heads.entries()) {
    head.querySelector("button").addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      const rows = [...body.rows];
      const numbers = rows.every((row) => gap(row, at) || Number.isFinite(Number(key(row, at))));
      const order = (a, b) =>
        numbers ? Number(key(a, at)) - Number(key(b, at)) : key(a, at).localeCompare(key(b, at));
      rows.sort((a, b) => gap(a, at) - gap(b, at) || sign * order(a, b));
      body.append(...rows);
    });
  }
  if (body.rows.length < 2) continue;
  const filter = Object.assign(document.createElement("input"), {
    type: "search",
    placeholder: "filter, such as a name",
  });
  filter.setAttribute("aria-label", "show rows with these words");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    for (const row of body.rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  });
  table.before(filter);
}
