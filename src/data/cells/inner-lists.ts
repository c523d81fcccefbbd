/**
 * Kinds of JavaScript values, and lists inside lists.
 */
import { isDate, isMap } from "node:util/types";
import { nestedSeparator } from "../table/column.js";

/** The kind of a value: of a column only one is allowed. */
export function describeKind(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return typeof value;
  if (typeof value === "string") return "text";
  if (isDate(value)) return "date"; // also arrays of a notebook's cell
  if (isMap(value)) return "map";
  return Array.isArray(value) || ArrayBuffer.isView(value) ? "list" : "object";
}

/** The texts of inner lists; `null` if an item is not a list of numbers or text. */
export function innerTexts(items: readonly unknown[]): (string | null)[] | null {
  const texts: (string | null)[] = [];
  for (const item of items) {
    if (item === null || item === undefined) {
      texts.push(null);
      continue;
    }
    if (describeKind(item) !== "list") return null;
    const values = Array.from(item as ArrayLike<unknown>);
    if (values.some((value) => !["number", "bigint", "text"].includes(describeKind(value ?? {})))) return null;
    texts.push(values.map(String).join(nestedSeparator));
  }
  return texts;
}
