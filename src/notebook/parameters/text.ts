/** Parses parameter values from the command line or a CSV file by the kind that the notebook declares. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Json } from "../../util/json.js";
import { accepts, type Kind, takesText } from "./kind.js";

/**
 * Parses one value: text if the notebook declares text, even if it looks like a number; else a number, true, false,
 * null, JSON, or finally text. Text that names an existing file or folder, or starts with `./` or `../`, is resolved
 * against `folder`, since the kernel runs in the notebook's folder.
 */
export function parseValue(text: string, kind: Kind, folder: string): Json {
  const parsed = parseJson(text);
  if (parsed !== undefined && (accepts(kind, parsed) || !takesText(kind))) return parsed;
  const isPath = text !== "" && (/^\.{1,2}([\\/]|$)/.test(text) || existsSync(path.resolve(folder, text)));
  return isPath ? path.resolve(folder, text) : text;
}

/**
 * Parses one value or several: `1,2,4` is three values if the notebook declares a number, a boolean or any kind. In
 * text, a comma is part of the text.
 */
export function parseValues(text: string, kind: Kind, folder: string): Json[] {
  const parts = text.split(",").map((part) => parseJson(part));
  const isSeveral = parts.length > 1 && parts.every((part) => typeof part === "number" || typeof part === "boolean");
  const one = parseValue(text, kind, folder);
  if (!isSeveral || (kind.is !== "any" && accepts(kind, one))) return [one];
  return parts as Json[];
}

function parseJson(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "number" && !Number.isFinite(value) ? undefined : value; // 1e400
  } catch {
    return undefined;
  }
}
