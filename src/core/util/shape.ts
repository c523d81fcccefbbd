/** Checks JSON of untrusted files before use: a shape reports what is wrong with a value, and where. */
import { isObject, type JsonObject } from "./json.js";

export type Report = (at: string, received: unknown, expected: string, message: string) => void;

export interface Shape<out T = unknown> {
  (value: unknown, at: string, report: Report): void;
  readonly type?: T;
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never;

export type Fields<T> = { readonly [Name in keyof T]-?: Shape<T[Name]> };

export interface Fault {
  readonly at: string;
  readonly received: unknown;
  readonly expected: string;
}

export function faultOf(value: unknown, shape: Shape): Fault | null {
  let first: Fault | null = null;
  shape(value, "", (at, received, expected) => {
    first ??= { at, received, expected };
  });
  return first;
}

export function fits<T>(value: unknown, shape: Shape<T>): value is T {
  return faultOf(value, shape) === null;
}

export function plain<T>(expected: string, isOne: (value: unknown) => boolean, message = `not ${expected}`): Shape<T> {
  return (value, at, report) => {
    if (!isOne(value)) report(at, value, expected, message);
  };
}

/** JSON.parse reads 1e999 as Infinity. */
export const number: Shape<number> = plain("a finite number", Number.isFinite);
export const measure: Shape<number> = plain("a number", (value) => typeof value === "number");
export const count: Shape<number> = plain("an integer ≥ 0", (value) => isInteger(value, 0));
export const positive: Shape<number> = plain("an integer ≥ 1", (value) => isInteger(value, 1));
export const text: Shape<string> = plain("a text", (value) => typeof value === "string");
export const bool: Shape<boolean> = plain("true or false", (value) => typeof value === "boolean");
export const jsonObject: Shape<JsonObject> = plain("an object", isObject);

export function integer(least: number, most: number): Shape<number> {
  return plain(`an integer from ${least} to ${most}`, (value) => isInteger(value, least) && Number(value) <= most);
}

function isInteger(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

export function oneOf<const T extends string>(values: readonly T[]): Shape<T> {
  return plain(values.join(", "), (value) => values.includes(value as T));
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at, report) => value === null || shape(value, at, report);
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at, report) => value === undefined || shape(value, at, report);
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, at, report) => {
    if (!Array.isArray(value)) return report(at, value, "a list", "not a list");
    for (const [index, each] of value.entries()) shape(each, `${at}[${index}]`, report);
  };
}

export function recordOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, at, report) => {
    if (!isObject(value)) return jsonObject(value, at, report);
    for (const [name, each] of Object.entries(value)) shape(each, inside(at, name), report);
  };
}

export function object<T>(fields: Fields<T>, expected = "an object"): Shape<T> {
  const entries = Object.entries<Shape>(fields as Readonly<Record<string, Shape>>);
  return (value, at, report) => {
    if (!isObject(value)) return report(at, value, expected, "not an object");
    for (const [name, shape] of entries) shape(ownValue(value, name), inside(at, name), report);
  };
}

/** An object with exactly these fields: an unknown one could change the model's meaning. */
export function exact<T>(fields: Fields<T>): Shape<T> {
  const shape = object(fields);
  const expected = `one of ${Object.keys(fields).join(", ")}`;
  return (value, at, report) => {
    shape(value, at, report);
    const names = isObject(value) ? Object.keys(value) : [];
    const other = names.find((name) => !Object.hasOwn(fields, name));
    if (other !== undefined) report(inside(at, other), `a field "${other}"`, expected, "unknown field");
  };
}

export function kinds<T = unknown>(shapes: Readonly<Record<string, Shape>>): Shape<T> {
  const kind = oneOf(Object.keys(shapes));
  return (value, at, report) => {
    if (!isObject(value)) return jsonObject(value, at, report);
    const name = ownValue(value, "kind");
    if (typeof name === "string" && Object.hasOwn(shapes, name)) shapes[name]!(value, at, report);
    else kind(name, inside(at, "kind"), report);
  };
}

/** The members of a union of that kind. */
export type OfKind<T extends { readonly kind: string }, Kind> = T extends unknown
  ? Kind extends T["kind"]
    ? T
    : never
  : never;

/** A union of objects by `kind`, each with exactly its fields. Lacking a kind or a field of `T` does not compile. */
export function exactKinds<T extends { readonly kind: string }>(
  fields: {
    readonly [Kind in T["kind"]]: Fields<Omit<OfKind<T, Kind>, "kind">>;
  },
): Shape<T> {
  const shapes = Object.entries<Readonly<Record<string, Shape>>>(fields as never).map(
    ([kind, others]) => [kind, exact({ kind: text, ...others })] as const,
  );
  return kinds(Object.fromEntries(shapes));
}

function ownValue(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function inside(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}
