/** Models that people compare PEPNet with, as variants of a study. */
import { withExperts, withModelPerDomain, withoutGates } from "../../builder/index.js";
import type { ModelLike } from "../data/index.js";

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
 * @example
 * await model.ablate(train, { variants: { "MMoE, 8 experts": mmoe({ experts: 8 }) } });
 */
export function mmoe({ experts = 4 }: MmoeOptions = {}): Baseline {
  return ({ spec }) => ({ spec: withExperts(spec, experts) });
}

/** A baseline under its name, as a list of variants has it. */
export type NamedBaseline = {
  /** The variant's name in the study. */
  readonly name: string;
  /** What makes it from the model. */
  readonly change: Baseline;
};

/**
 * The usual baselines: {@link sharedBottom}, {@link mmoe} and, for a model with domains, {@link singleDomain}. Would
 * PEPNet help these data at all?
 * @example
 * const study = await model.ablate(train, { variants: baselines(model), seeds: 5 });
 */
export function baselines(model: ModelLike): readonly NamedBaseline[] {
  const shared = [
    { name: "shared bottom", change: sharedBottom() },
    { name: "MMoE, 4 experts", change: mmoe() },
  ];
  return model.spec.domains === null ? shared : [...shared, { name: "a model a domain", change: singleDomain() }];
}
