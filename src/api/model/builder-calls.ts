/** Builder calls as values: each can be called, and written as code. */

import { dateFeature } from "../../core/builder/date-feature.js";
import type { Feature } from "../../core/builder/feature.js";
import { idFeature } from "../../core/builder/id-feature.js";
import { type Label, label } from "../../core/builder/learning-rates.js";
import { adam } from "../../core/builder/optimizers.js";
import { missingFeature, rawFeature } from "../../core/builder/raw-feature.js";
import { stringLiteral } from "../../core/util/code-text.js";

/** A value in code: texts, numbers, lists, options, and calls. */
export type Argument =
  | string
  | number
  | boolean
  | readonly Argument[]
  | BuilderCall
  | { readonly [name: string]: Argument };

/** A call of a builder, and the methods that follow it. */
export interface BuilderCall {
  /** The function of `pepnet`; `t`: the steps of a tower. */
  readonly start: "pepnet" | "idFeature" | "rawFeature" | "missingFeature" | "dateFeature" | "label" | "adam" | "t";
  readonly values: readonly Argument[];
  readonly methods: readonly (readonly [name: string, ...values: Argument[]])[];
}

type Step = (...values: readonly unknown[]) => unknown;

const starts = { adam, idFeature, rawFeature, missingFeature, dateFeature, label } as unknown as Readonly<
  Partial<Record<BuilderCall["start"], Step>>
>;

type TextCode = (text: string) => string;

function callCode({ start, values, methods }: BuilderCall, textCode: TextCode): string {
  const list = (each: readonly Argument[]): string => each.map((value) => argumentCode(value, textCode)).join(", ");
  const first = start === "t" ? "(t) => t" : `${start}(${list(values)})`;
  return first + methods.map(([name, ...options]) => `.${name}(${list(options)})`).join("");
}

/** The value that the call returns. @param more functions by name, besides those of features and labels */
export function callResult<Value = Feature<string> & Label<string>>(
  { start, values, methods }: BuilderCall,
  more: Readonly<Record<string, Step>> = {},
): Value {
  const follow = (first: unknown): unknown =>
    methods.reduce((at, [name, ...options]) => (at as Record<string, Step>)[name]!(...options.map(result)), first);
  return (start === "t" ? follow : follow((more[start] ?? starts[start])!(...values.map(result)))) as Value;
}

function isCall(value: Argument): value is BuilderCall {
  return typeof value === "object" && "start" in value && "methods" in value;
}

function result(value: Argument): unknown {
  if (typeof value !== "object" || Array.isArray(value)) return value;
  if (isCall(value)) return callResult(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, result(each)]));
}

/** @param textCode the code of a text; by default a literal */
export function argumentCode(value: Argument, textCode: TextCode = stringLiteral): string {
  if (typeof value === "string") return textCode(value);
  if (typeof value !== "object") return typeof value === "number" && value >= 10_000 ? grouped(value) : String(value);
  if (isCall(value)) return callCode(value, textCode);
  if (Array.isArray(value)) return `[${value.map((each) => argumentCode(each, textCode)).join(", ")}]`;
  const fields = Object.entries(value as Record<string, Argument>).map(
    ([name, each]) => `${name}: ${argumentCode(each, textCode)}`,
  );
  return `{ ${fields.join(", ")} }`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}
