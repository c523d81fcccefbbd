/** Validates the shape of JSON values: a saved folder is untrusted, so everything is checked before use. */
import { CheckpointError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/types.js";
import { type DerivedColumn, isDerivedColumn } from "../../spec/feature/derived.js";
import { isObject, type JsonObject } from "../../util/random.js";
import type { History, PendingStep } from "../loop/recorder.js";

export type Fault = { readonly at: string; readonly received: unknown; readonly expected: string } | null;

export interface Shape<out T = unknown> {
  (value: unknown, at: string): Fault;
  readonly type?: T;
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never;

export type Fields<T> = { readonly [Name in keyof T]-?: Shape<T[Name]> };

function plain<T>(expected: string, isOne: (value: unknown) => boolean): Shape<T> {
  return (value, at) => (isOne(value) ? null : { at, received: value, expected });
}

/** JSON.parse reads 1e999 as Infinity. */
export const number: Shape<number> = plain("a finite number", Number.isFinite);
export const measure: Shape<number> = plain("a number", (value) => typeof value === "number");
export const count: Shape<number> = plain("an integer ≥ 0", (value) => isInteger(value, 0));
export const positive: Shape<number> = plain("an integer ≥ 1", (value) => isInteger(value, 1));
export function atMost(most: number): Shape<number> {
  return plain(`an integer from 1 to ${most}`, (value) => isInteger(value, 1) && Number(value) <= most);
}
function isInteger(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}
export const text: Shape<string> = plain("a text", (value) => typeof value === "string");
export const bool: Shape<boolean> = plain("true or false", (value) => typeof value === "boolean");
export const jsonObject: Shape<JsonObject> = plain("an object", isObject);

export function oneOf<const T extends string>(values: readonly T[]): Shape<T> {
  return plain(values.join(", "), (value) => values.includes(value as T));
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : shape(value, at));
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at) => (value === undefined ? null : shape(value, at));
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return { at, received: value, expected: "a list" };
    for (const [index, each] of value.entries()) {
      const fault = shape(each, `${at}[${index}]`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

export function recordOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, at) => {
    const fault = jsonObject(value, at);
    if (fault !== null) return fault;
    for (const [name, each] of Object.entries(value as JsonObject)) {
      const inner = shape(each, inside(at, name));
      if (inner !== null) return inner;
    }
    return null;
  };
}

export function object<T>(fields: Fields<T>): Shape<T> {
  const entries = Object.entries<Shape>(fields as Readonly<Record<string, Shape>>);
  return (value, at) => {
    const fault = jsonObject(value, at);
    if (fault !== null) return fault;
    for (const [name, shape] of entries) {
      const inner = shape(ownValue(value, name), inside(at, name));
      if (inner !== null) return inner;
    }
    return null;
  };
}

/** An object with exactly these fields: an unknown one could change the model's meaning. */
export function exact<T>(fields: Fields<T>): Shape<T> {
  const shape = object(fields);
  return (value, at) => {
    const fault = shape(value, at);
    if (fault !== null) return fault;
    const other = Object.keys(value as object).find((name) => !Object.hasOwn(fields, name));
    if (other === undefined) return null;
    const expected = `one of ${Object.keys(fields).join(", ")}`;
    return { at: inside(at, other), received: `a field "${other}"`, expected };
  };
}

export function kinds<T = unknown>(shapes: Readonly<Record<string, Shape>>): Shape<T> {
  const kind = oneOf(Object.keys(shapes));
  return (value, at) => {
    const fault = jsonObject(value, at);
    if (fault !== null) return fault;
    const name = ownValue(value, "kind");
    return kind(name, inside(at, "kind")) ?? shapes[name as string]!(value, at);
  };
}

type OfKind<T extends { readonly kind: string }, Kind> = T extends unknown
  ? Kind extends T["kind"]
    ? T
    : never
  : never;

/** A union of objects by `kind`: exactly the other fields of each. Lacking a kind or a field of `T` does not compile. */
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

export const derivedColumn: Shape<DerivedColumn> = plain("a rule such as above, equals, hour or days", isDerivedColumn);

export function assertShape<T>(file: string, value: unknown, shape: Shape<T>): asserts value is T {
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

function ownValue(value: unknown, name: string): unknown {
  return Object.hasOwn(value as object, name) ? (value as JsonObject)[name] : undefined;
}

function inside(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

export function valueText(value: unknown): string {
  try {
    const json = JSON.stringify(value) ?? "nothing";
    return json.length > 60 ? `${json.slice(0, 60)}…` : json;
  } catch {
    return "a value nested too deeply";
  }
}

const metric = optional(nullable(number));

const metrics = object({
  rows: count,
  positives: optional(number),
  auc: metric,
  aucErrorBound: optional(number),
  groupedAuc: metric,
  groups: optional(count),
  logLoss: metric,
  normalizedEntropy: metric,
  calibration: metric,
  expectedCalibrationError: metric,
  accuracy: metric,
  meanAbsoluteError: metric,
  meanSquaredError: metric,
  rootMeanSquaredError: metric,
  configured: optional(recordOf(nullable(number))),
});

const evaluation = object({
  rows: count,
  domainNames: listOf(text),
  tasks: listOf(
    object({
      tower: text,
      label: optional(text),
      within: optional(nullable(text)),
      overall: metrics,
      domains: listOf(metrics),
      allRows: optional(metrics),
      floor: optional(
        object({ overall: nullable(number), domains: listOf(nullable(number)), penalty: optional(text) }),
      ),
    }),
  ),
});
export const evaluationShape: Shape<Evaluation> = evaluation as Shape as Shape<Evaluation>;

const step = { loss: number, taskLosses: recordOf(number), gradientNorm: metric };
export const stepShape: Shape<PendingStep> = object(step) as Shape as Shape<PendingStep>;

export const runShape: Shape<{ readonly evaluation?: Evaluation | null }> = object({
  evaluation: optional(nullable(evaluationShape)),
});

export const historyShape: Shape<History> = object({
  points: listOf(object({ step: count, epoch: number, rows: count, seconds: number, rowsPerSecond: number, ...step })),
  evaluations: listOf(object({ step: count, epoch: number, evaluation: evaluationShape })),
  bestStep: nullable(count),
});

const moments = { mean: measure, std: measure, entropy: measure, effectiveWidth: measure };
const shares = { closed: measure, open: measure, identity: measure, deadUnits: measure, notFinite: measure };
const gateStatistics = object({
  domain: nullable(count),
  rows: count,
  ...moments,
  ...shares,
  quantiles: listOf(measure),
  histogram: listOf(measure),
  ecdf: listOf(measure),
});

const gate = object({
  module: oneOf(["epnet", "ppnet"]),
  tower: nullable(text),
  layer: count,
  units: count,
  gamma: measure,
  overall: gateStatistics,
  domains: listOf(gateStatistics),
});

/** `gates.json`, after restoring special numbers. Checks only the parts that charts draw. */
export const gatesShape: Shape<readonly unknown[]> = listOf(
  object({
    step: count,
    epoch: number,
    gates: object({ rows: count, domainNames: listOf(text), gates: listOf(gate) }),
  }),
);
