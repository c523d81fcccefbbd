/**
 * Validates the shape of JSON values: a saved folder is untrusted, so everything is checked before use.
 */
import { CheckpointError } from "../../../errors/index.js";
import { isObject } from "../../../util/json.js";

/** The problem of a value with its place; `null`: valid. */
export type Fault = { readonly at: string; readonly received: unknown; readonly expected: string } | null;

/** Checks a value at the path `at`. */
export type Shape = (value: unknown, at: string) => Fault;

function plain(expected: string, isOne: (value: unknown) => boolean): Shape {
  return (value, at) => (isOne(value) ? null : { at, received: value, expected });
}

/** A number. JSON.parse reads 1e999 as Infinity. */
export const number: Shape = plain("a finite number", Number.isFinite);
/** A number, including NaN and infinities. */
export const measure: Shape = plain("a number", (value) => typeof value === "number");
/** 0, 1, 2 … */
export const count: Shape = plain("an integer ≥ 0", (value) => Number.isSafeInteger(value) && Number(value) >= 0);
/** 1, 2, 3 … */
export const positive: Shape = plain("an integer ≥ 1", (value) => Number.isSafeInteger(value) && Number(value) > 0);
/** 1, 2, 3 … up to a limit. */
export function atMost(most: number): Shape {
  return plain(`an integer from 1 to ${most}`, (value) => positive(value, "") === null && Number(value) <= most);
}
/** A text. */
export const text: Shape = plain("a text", (value) => typeof value === "string");
/** True or false. */
export const bool: Shape = plain("true or false", (value) => typeof value === "boolean");

/** One of several texts. */
export function oneOf(values: readonly string[]): Shape {
  return plain(values.join(", "), (value) => values.includes(value as string));
}

/** `null`, or the shape. */
export function nullable(shape: Shape): Shape {
  return (value, at) => (value === null ? null : shape(value, at));
}

/** Missing, or the shape. */
export function optional(shape: Shape): Shape {
  return (value, at) => (value === undefined ? null : shape(value, at));
}

/** A list of values of a shape. */
export function listOf(shape: Shape): Shape {
  return (value, at) => {
    if (!Array.isArray(value)) return { at, received: value, expected: "a list" };
    for (const [index, each] of value.entries()) {
      const fault = shape(each, `${at}[${index}]`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** An object with arbitrary keys and values of a shape. */
export function recordOf(shape: Shape): Shape {
  return (value, at) => {
    if (!isObject(value)) return { at, received: value, expected: "an object" };
    for (const [name, each] of Object.entries(value)) {
      const fault = shape(each, inside(at, name));
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** An object with fields of different shapes; other fields are ignored. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value, at) => {
    if (!isObject(value)) return { at, received: value, expected: "an object" };
    for (const [name, shape] of entries) {
      const fault = shape(Object.hasOwn(value, name) ? value[name] : undefined, inside(at, name));
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** An object with exactly these fields: an unknown one could change the model's meaning. */
export function exact(fields: Readonly<Record<string, Shape>>): Shape {
  const shape = object(fields);
  return (value, at) => {
    const fault = shape(value, at);
    if (fault !== null) return fault;
    const other = Object.keys(value as object).find((name) => !Object.hasOwn(fields, name));
    if (other === undefined) return null;
    return {
      at: inside(at, other),
      received: `a field "${other}"`,
      expected: `one of ${Object.keys(fields).join(", ")}`,
    };
  };
}

/** An object whose shape depends on its field `kind`. */
export function kinds(shapes: Readonly<Record<string, Shape>>): Shape {
  const kind = oneOf(Object.keys(shapes));
  return (value, at) => {
    if (!isObject(value)) return { at, received: value, expected: "an object" };
    const name = Object.hasOwn(value, "kind") ? value["kind"] : undefined;
    return kind(name, inside(at, "kind")) ?? shapes[name as string]!(value, at);
  };
}

/** An object with any fields. */
export const jsonObject: Shape = (value, at) =>
  isObject(value) ? null : { at, received: value, expected: "an object" };

/** @throws CheckpointError with the file and the path in it */
export function assertShape(file: string, value: unknown, shape: Shape): void {
  const fault = shape(value, "");
  if (fault === null) return;
  throw new CheckpointError({
    path: fault.at === "" ? file : `${file}: ${fault.at}`,
    message: "unexpected content for this file",
    received: valueText(fault.received),
    expected: fault.expected,
    fix: "use an earlier checkpoint, or a copy of this one",
  });
}

function inside(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

/** A value in words, truncated if it is long or deep. */
export function valueText(value: unknown): string {
  try {
    const json = JSON.stringify(value) ?? "nothing";
    return json.length > 60 ? `${json.slice(0, 60)}…` : json;
  } catch {
    return "a value nested too deeply";
  }
}
