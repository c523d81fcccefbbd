/**
 * Converts written scalar values to the schema's type, or returns what was expected.
 */

import { stringLiteral } from "../../util/text/code-text.js";
import { nearNames } from "../../util/text/near.js";
import type { SyntaxValue } from "../text/syntax.js";

/** A value, or the reason why it is invalid. */
export type ScalarResult =
  | { readonly value: string | number | boolean }
  | { readonly expected: string; readonly fix?: string | undefined };

const integerRanges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  uint32: [0n, 0xffffffffn],
  int32: [-0x80000000n, 0x7fffffffn],
  uint64: [0n, 0xffffffffffffffffn],
};

/**
 * Reads one scalar of a proto type. 64-bit integers beyond 2^53 become decimal strings; infinities and NaN become
 * proto JSON's `"Infinity"`, `"-Infinity"`, `"NaN"`.
 */
export function readScalar(type: string, value: SyntaxValue): ScalarResult {
  if (type === "string") return readString(value);
  if (type === "bool") return readBool(value);
  if (type in integerRanges) return readInteger(type, value);
  return readFloat(type, value);
}

/** Reads an enum value by name or number; returns its name. */
export function readEnum(names: Readonly<Record<string, number>>, value: SyntaxValue): ScalarResult {
  const expected = `one of ${Object.keys(names).join(", ")}`;
  if (value.kind === "number") {
    const [name] = Object.entries(names).find(([, number]) => String(number) === value.text) ?? [];
    return name === undefined ? { expected } : { value: name };
  }
  if (value.kind !== "name" && value.kind !== "string") return { expected };
  const isName = Object.hasOwn(names, value.text);
  if (isName && (value.kind === "name" || value.json)) return { value: value.text };
  if (isName) return { expected: `${value.text} without quotes`, fix: `write ${value.text}` };
  const [near] = nearNames(value.text, Object.keys(names));
  return { expected, fix: near === undefined ? undefined : `did you mean ${near}?` };
}

function readString(value: SyntaxValue): ScalarResult {
  if (value.kind === "string") return { value: value.text };
  const bare = value.kind === "name" || value.kind === "number";
  return { expected: "a string", fix: bare ? `put it in quotes: ${stringLiteral(value.text)}` : undefined };
}

function readBool(value: SyntaxValue): ScalarResult {
  if (value.kind === "name" && ["true", "True", "t"].includes(value.text)) return { value: true };
  if (value.kind === "name" && ["false", "False", "f"].includes(value.text)) return { value: false };
  if (value.kind === "number" && !value.json && (value.text === "0" || value.text === "1")) {
    return { value: value.text === "1" };
  }
  return { expected: "true or false" };
}

function readInteger(type: string, value: SyntaxValue): ScalarResult {
  const [least, most] = integerRanges[type]!;
  const expected = `an integer from ${least} to ${most}`;
  if (value.kind === "list" || value.kind === "message") return { expected };
  const written = value.kind === "number" || (value.kind === "string" && value.json);
  const integer = written ? parseInteger(value.text, value.json) : null;
  if (integer === null) return { expected, fix: unquoted(value) };
  if (integer < least || integer > most) return { expected };
  const number = Number(integer);
  return { value: Number.isSafeInteger(number) ? number : String(integer) };
}

function parseInteger(text: string, json: boolean): bigint | null {
  const [, sign, digits] = /^(-?)(.*)$/s.exec(text) as unknown as [string, string, string];
  const magnitude = parseMagnitude(digits, json);
  return magnitude === null ? null : sign === "-" ? -magnitude : magnitude;
}

function parseMagnitude(digits: string, json: boolean): bigint | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return BigInt(digits);
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  if (/^(0|[1-9]\d*)$/.test(digits)) return BigInt(digits);
  return json && Number.isSafeInteger(Number(digits)) ? BigInt(Number(digits)) : null;
}

const infinities = /^(-?)(inf|infinity)$/i;

function readFloat(type: string, value: SyntaxValue): ScalarResult {
  const expected = "a number";
  if (value.kind === "list" || value.kind === "message") return { expected };
  if (value.kind === "name" || (value.kind === "string" && value.json)) {
    const infinite = infinities.exec(value.text);
    if (infinite) return { value: `${infinite[1]}Infinity` };
    if (/^-?nan$/i.test(value.text)) return { value: "NaN" };
  }
  if (value.kind !== "number") return { expected, fix: unquoted(value) };
  const number = Number(value.text.replace(/[fF]$/, ""));
  if (Number.isNaN(number) || /^-?0[xX]/.test(value.text)) return { expected: "a decimal number" };
  if (type === "float" && !Number.isFinite(Math.fround(number))) return { expected: "a number that fits float32" };
  return { value: number };
}

function unquoted(value: SyntaxValue): string | undefined {
  const number = value.kind === "string" && value.text.trim() !== "" && !Number.isNaN(Number(value.text));
  return number ? `write ${(value as { text: string }).text} without quotes` : undefined;
}
