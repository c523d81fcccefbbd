/** Escapes text and JSON inside HTML: names come from data, so everything is escaped. */
import { visible } from "./text.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML elements and quoted attributes; invisible characters are shown as escapes. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** JSON for a script element: escapes `<`, so that text cannot end the element, and line separators. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, "\\u003c")
    .replace(/>/g, "\\u003e")
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
}

/** Sorts `table[data-sortable]` by the button in a head cell; gaps (class `none`) stay last; `data-value` is exact. */
export const sortTableScript = `
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
}`;
