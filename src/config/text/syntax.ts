/**
 * The syntax tree of a config text before a schema adds types: fields with values, each with its position.
 */
import type { Json } from "../../util/json.js";
import type { Position } from "./position.js";

/** The maximum nesting. A config has about ten levels; functions that walk the tree recurse at each. */
export const mostLevels = 100;

/** A value as written. `json` values follow proto JSON: enums, large integers and infinities may be strings. */
export type SyntaxValue =
  | {
      readonly kind: "string" | "number" | "name";
      readonly text: string;
      readonly at: Position | null;
      readonly json: boolean;
    }
  | {
      readonly kind: "list";
      readonly items: readonly SyntaxValue[];
      readonly at: Position | null;
      readonly json: boolean;
    }
  | SyntaxMessage;

/** `name: value` or `name { … }`. */
export interface SyntaxField {
  readonly name: string;
  readonly value: SyntaxValue;
  readonly at: Position | null;
}

/** Fields between braces, or a whole text. */
export interface SyntaxMessage {
  readonly kind: "message";
  readonly fields: readonly SyntaxField[];
  readonly at: Position | null;
  readonly json: boolean;
}

/**
 * The key of a wrapper for a bare word or an over-long number of an open message, kept as written so that `kernel:
 * PYTORCH` is not printed back as a string: `{ "@literal": "PYTORCH" }`.
 */
export const literalKey = "@literal";

/** Converts a plain JSON value to syntax, without positions. */
export function syntaxFromJson(value: Json): SyntaxValue {
  const plain = { at: null, json: true } as const;
  if (typeof value === "string") return { kind: "string", text: value, ...plain };
  if (typeof value === "number") return { kind: "number", text: String(value), ...plain };
  if (typeof value === "boolean" || value === null) return { kind: "name", text: String(value), ...plain };
  if (Array.isArray(value)) return { kind: "list", items: value.map(syntaxFromJson), ...plain };
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === literalKey) return { kind: "name", text: String(first[1]), ...plain };
  const fields = entries.map(([name, child]) => ({ name, value: syntaxFromJson(child as Json), at: null }));
  return { kind: "message", fields, ...plain };
}
