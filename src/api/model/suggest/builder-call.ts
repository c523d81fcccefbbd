/** Calls of builders as data, so that the code that is shown and the model that is built are the same. */
import {
  dateFeature,
  type Feature,
  idFeature,
  type Label,
  label,
  missingFeature,
  rawFeature,
} from "../../../builder/index.js";
import { stringLiteral } from "../../../util/text/code-text.js";

/** A value in code: texts, numbers, lists and options. */
export type Argument = string | number | boolean | readonly Argument[] | { readonly [name: string]: Argument };

/** A call of a builder, and the methods that follow it. */
export interface BuilderCall {
  /** The function of `pepnet`. */
  readonly start: "idFeature" | "rawFeature" | "missingFeature" | "dateFeature" | "label";
  readonly values: readonly Argument[];
  readonly methods: readonly (readonly [name: string, ...values: Argument[]])[];
}

type Step = (...values: readonly Argument[]) => unknown;

const starts = { idFeature, rawFeature, missingFeature, dateFeature, label } as unknown as Readonly<
  Record<BuilderCall["start"], Step>
>;

/** The call as code. */
export function callCode({ start, values, methods }: BuilderCall): string {
  const first = `${start}(${values.map(argumentCode).join(", ")})`;
  return first + methods.map(([name, ...options]) => `.${name}(${options.map(argumentCode).join(", ")})`).join("");
}

/** The value that the call returns. */
export function callResult({ start, values, methods }: BuilderCall): Feature<string> & Label<string> {
  const first = starts[start](...values);
  return methods.reduce(
    (at, [name, ...options]) => (at as Record<string, Step>)[name]!(...options),
    first,
  ) as Feature<string> & Label<string>;
}

/** A value as code. */
export function argumentCode(value: Argument): string {
  if (typeof value === "string") return stringLiteral(value);
  if (typeof value !== "object") return typeof value === "number" && value >= 10_000 ? grouped(value) : String(value);
  if (Array.isArray(value)) return `[${value.map(argumentCode).join(", ")}]`;
  const fields = Object.entries(value as Record<string, Argument>).map(
    ([name, each]) => `${name}: ${argumentCode(each)}`,
  );
  return `{ ${fields.join(", ")} }`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}
