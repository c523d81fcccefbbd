/** Converts a user's variants to changes of a spec. */

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

/** Creates the model that a change receives. */
export type AsModel = (spec: ModelSpec) => ModelLike;

/** Returns the variants of a study. Throws a SpecError for values that are not a list. */
export async function wantedVariants(
  written: WrittenVariants,
  design: "grid" | "one-at-a-time",
  asModel: AsModel,
): Promise<WantedVariant[]> {
  if (isList(written)) return written.map((variant) => listedVariant(variant, asModel));
  const { wantedVariants: combined } = await import("../../ablation/index.js");
  const axes = Object.entries(written).flatMap(([name, values]): [string, readonly unknown[] | SpecChange][] => {
    if (values === undefined) return [];
    return [[name, typeof values === "function" ? specChange(values, asModel) : settingValues(name, values)]];
  });
  return combined(Object.fromEntries(axes), design); // keeps a setting named __proto__ as a plain key
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

function settingValues(path: string, values: unknown): readonly unknown[] {
  if (Array.isArray(values)) return values;
  throw new SpecError({
    path: `ablate: ${path}`,
    message: "a setting's values must be a list",
    received: JSON.stringify(values),
    expected: `{ ${stringLiteral(path)}: [${JSON.stringify(values)}] }`,
  });
}

/**
 * Converts a change of a model to a change of its spec. A change that does not return a model is rejected when it is
 * applied.
 */
function specChange(change: ModelFunction, asModel: AsModel): SpecChange {
  return (spec) => (change as (model: ModelLike) => ModelLike | undefined)(asModel(spec))?.spec as ModelSpec;
}
