/** Names and sentences on charts. Plotly reads a subset of HTML in every text, so names are escaped here, in one place. */

import { visible } from "../../util/text/visible.js";
import { shortenAll } from "./names.js";

/** Letters of a name within a title. */
const TITLE_LETTERS = 30;

/**
 * Escapes a name for Plotly: `<b>` is shown literally, and so is `%{…}` in hover text; control characters are removed
 * because pictures do not allow them.
 */
export function plotText(name: string): string {
  return visible(name).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/%\{/g, "%&#123;");
}

/** Text in Plotly's markup whose names are escaped; {@link markup} makes it. */
export interface Markup {
  readonly escaped: string;
}

/**
 * Plotly's markup, with every value in it escaped.
 *
 * @example
 * markup`${domain}<br>step %{x:,}: AUC %{y:.4f}`; // `<b>` in a domain's name is shown literally
 */
export function markup(parts: TemplateStringsArray, ...values: readonly (string | number | Markup)[]): Markup {
  return { escaped: String.raw({ raw: parts }, ...values.map(escapeValue)) };
}

/** Lines of markup below each other. */
export function markupLines(lines: readonly (string | Markup)[]): Markup {
  return { escaped: lines.map(escapeValue).join("<br>") };
}

function escapeValue(value: string | number | Markup): string {
  return typeof value === "object" ? value.escaped : plotText(String(value));
}

/** Shortens one name: an ellipsis replaces the middle. Names of a family are shortened by `shortenAll`. */
export function shorten(name: string, limit = 22): string {
  return shortenAll([name], limit)[0]!;
}

/** A name for an axis or legend: shortened, then escaped. */
export function label(name: string, limit?: number): string {
  return plotText(shorten(name, limit));
}

/** `first; second`: the parts of a title, wrapped by the composer. */
export function sentence(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join("; ");
}

/** A name within a title; `among`: the names from which it must differ. */
export function inTitle(name: string, among: readonly string[] = []): string {
  const index = among.indexOf(name);
  return index < 0 ? shorten(name, TITLE_LETTERS) : shortenAll(among, TITLE_LETTERS)[index]!;
}
