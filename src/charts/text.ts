/** Words and numbers on charts. */

/** Escapes a name for Plotly, which reads a subset of HTML in every text and `%{…}` in hover text: `<b>` shows as itself. */
export function plotText(name: string): string {
  return name.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/%\{/g, "%&#123;");
}

/** A name that fits an axis: its middle gives way to an ellipsis (both ends tell names of one family apart). */
export function shorten(name: string, limit = 22): string {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const head = Math.ceil((limit - 1) / 2);
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (limit - 1 - head)).join("")}`;
}

/** A name for an axis or legend: shortened, then escaped. */
export function label(name: string, limit?: number): string {
  return plotText(shorten(name, limit));
}

/** `0.7123`, or `–` for a gap. */
export function fixed(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(digits);
}

/** `12 %`, with one digit below 10. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value !== 0 && value < 10 ? 1 : 0)} %`;
}

/** `1 domain`, `3 domains`, `12,000 rows`. */
export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString("en-US")} ${noun}${amount === 1 ? "" : "s"}`;
}

/** `first; second`: the parts of a title, wrapped by the composer. */
export function sentence(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join("; ");
}

/** `+0.012`, `−0.012`, `0.000`, or `–` for a gap. */
export function signed(value: number | null | undefined, digits = 3): string {
  const text = fixed(value, digits).replace("-", "−");
  return /[1-9]/.test(text) && !text.startsWith("−") ? `+${text}` : text.replace(/^−(?=[0.]*$)/, "");
}

/** A name within a title. */
export function inTitle(name: string): string {
  return shorten(name, 30);
}
