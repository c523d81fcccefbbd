import type { SpecChange, WantedVariant } from "../../ablation/index.js";
import { withExperts, withModelPerDomain, withoutGates } from "../../builder/index.js";
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

export type AsModel = (spec: ModelSpec) => ModelLike;

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

/** A change that does not return a model is rejected when it is applied. */
function specChange(change: ModelFunction, asModel: AsModel): SpecChange {
  return (spec) => (change as (model: ModelLike) => ModelLike | undefined)(asModel(spec))?.spec as ModelSpec;
}

/** A change of a model to one to compare it with. */
export type Baseline = (model: ModelLike) => ModelLike;

/** Options of {@link mmoe}. */
export interface MmoeOptions {
  /** Number of experts. Default: 4. */
  readonly experts?: number;
}

/**
 * The model without gates: embeddings that domains and tasks share, and each task's own layers and towers. What PEPNet
 * gains over it, its gates gain.
 * @example
 * await model.ablate(train, { variants: { "shared bottom": sharedBottom() } });
 */
export function sharedBottom(): Baseline {
  return ({ spec }) => ({ spec: withoutGates(spec) });
}

/**
 * A separate model for each domain, without gates, trained on that domain's rows. What it loses, domains learn from
 * each other. A study trains it; its runs have no curves. Throws a SpecError if the model has no domains.
 * @example
 * await model.ablate(train, { variants: { "a model a domain": singleDomain() } });
 */
export function singleDomain(): Baseline {
  return ({ spec }) => ({ spec: withModelPerDomain(spec) });
}

/**
 * MMoE (Ma et al., KDD 2018): each task mixes layers that all tasks share (the experts, each of the sizes of PPNet's
 * layers) by a softmax over the embeddings. Dropout applies to the mixture. Throws a SpecError if the model has no
 * PPNet.
 */
export function mmoe({ experts = 4 }: MmoeOptions = {}): Baseline {
  return ({ spec }) => ({ spec: withExperts(spec, experts) });
}

/** A baseline under its name, as a list of variants has it. */
export type NamedBaseline = {
  readonly name: string;
  readonly change: Baseline;
};

/**
 * The usual baselines: {@link sharedBottom}, {@link mmoe} and, for a model with domains, {@link singleDomain}. Would
 * PEPNet help these data at all?
 */
export function baselines(model: ModelLike): readonly NamedBaseline[] {
  const shared = [
    { name: "shared bottom", change: sharedBottom() },
    { name: "MMoE, 4 experts", change: mmoe() },
  ];
  return model.spec.domains === null ? shared : [...shared, { name: "a model a domain", change: singleDomain() }];
}
