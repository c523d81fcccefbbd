/** Variants as a user writes them, as changes of a spec. */

import type { SpecChange, WantedVariant } from "../../ablation/index.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import type { ModelLike } from "../data/index.js";

/** One variant of a list: settings by path, a change, a name. */
export type ListedVariant = Readonly<Record<string, unknown>>;

/** Lists of values by path, and functions by name; or a list of variants. */
export type WrittenVariants =
  | Readonly<Record<string, readonly unknown[] | ModelFunction | undefined>>
  | readonly ListedVariant[];

/** A change of a model. */
export type ModelFunction = (model: never) => ModelLike;

/** Makes the model that a change is given. */
export type AsModel = (spec: ModelSpec) => ModelLike;

/** The variants of a study. Throws a SpecError for values that are not a list. */
export async function wantedVariants(
  written: WrittenVariants,
  design: "grid" | "one-at-a-time",
  asModel: AsModel,
): Promise<WantedVariant[]> {
  if (isList(written)) return written.map((variant) => listedVariant(variant, asModel));
  const { wantedVariants: combined } = await import("../../ablation/index.js");
  const axes = Object.entries(written).flatMap(([name, values]): [string, readonly unknown[] | SpecChange][] => {
    if (values === undefined) return [];
    return [[name, typeof values === "function" ? specChange(values, asModel) : valuesOf(name, values)]];
  });
  return combined(Object.fromEntries(axes), design); // a setting called __proto__ stays one
}

function isList(written: WrittenVariants): written is readonly ListedVariant[] {
  return Array.isArray(written);
}

function listedVariant({ name, change, ...settings }: ListedVariant, asModel: AsModel): WantedVariant {
  return {
    settings,
    name: name === undefined ? undefined : String(name),
    change: change === undefined ? undefined : specChange(change as ModelFunction, asModel),
  };
}

function valuesOf(path: string, values: unknown): readonly unknown[] {
  if (Array.isArray(values)) return values;
  throw new SpecError({
    path: `ablate: ${path}`,
    message: "a setting's values must be a list",
    received: JSON.stringify(values),
    expected: `{ ${stringLiteral(path)}: [${JSON.stringify(values)}] }`,
  });
}

/** A change of a model as one of its spec. A change that returns no model is refused where it is applied. */
function specChange(change: ModelFunction, asModel: AsModel): SpecChange {
  return (spec) => (change as (model: ModelLike) => ModelLike | undefined)(asModel(spec))?.spec as ModelSpec;
}
