/** The one description that everything else is a function of: frozen, plain data. */
import type { JsonObject } from "../util/json.js";
import type { FeatureSpec } from "./feature/feature.js";
import type { CustomLayer } from "./layer/layer.js";
import type { TowerSpec } from "./tower.js";
import type { TrainingSpec } from "./training.js";

/** The groups that PEPNet knows: `all` feeds the model, `domain` EPNet's gate, `uia` (user, item, author) PPNet's. */
export type GroupName = "all" | "domain" | "uia";

/** A named list of features, in the order of their columns. */
export interface GroupSpec {
  /** Which of the three. */
  readonly name: GroupName;
  /** Names, in the order of their columns. */
  readonly features: readonly string[];
  /** Config fields that the spec does not model, as proto JSON, kept for printing. */
  readonly extra: JsonObject;
}

/** EPNet: one Gate NU over the embeddings, fed by [domain, stopgrad(all)] (paper §3.2). Acts where a `domain` group is. */
export interface EpnetSpec {
  /** Hidden units of the gate; `null`: dim(all). */
  readonly hidden: number | null;
  /** Factor of the gate's sigmoid: gates lie in 0 … gamma; 2 lets them damp and amplify. */
  readonly gamma: number;
}

/** PPNet: a Gate NU per task and hidden layer, fed by [uia, stopgrad(epnet output)] (paper §3.3). Acts where a `uia` group is. */
export interface PpnetSpec {
  /** Units of each layer; every task has these layers of its own. */
  readonly hidden: readonly number[];
  /** PyTorch's name, such as `nn.ReLU`. */
  readonly activation: string;
  /** Empty: none; one: for all layers; else one a layer. */
  readonly dropout: readonly number[];
  /** Factor of the gates' sigmoid: gates lie in 0 … gamma. */
  readonly gamma: number;
}

/** A tower per domain; the value of `column` (a label field too) picks it. */
export interface DomainsSpec {
  /** An id feature's or a label field's column with values 0 … count − 1. */
  readonly column: string;
  /** How many domains, and so towers a task. */
  readonly count: number;
  /** Names to show instead of 0 … count − 1; not part of a TorchEasyRec config. */
  readonly names: readonly string[] | null;
}

/** What TorchEasyRec lacks; each off by default, and `toConfig()` refuses a spec where one is on, by its name. */
export interface SwitchesSpec {
  /** `output`: TorchEasyRec's placement; `input`: the paper's, one Gate NU a layer on the layer's input, split over tasks. */
  readonly gatePlacement: "output" | "input";
  /** `false`: gradients flow from the gates into their `all` input. */
  readonly stopGradient: boolean;
  /** `true`: no gradient from the gates into the domain and uia embeddings. */
  readonly detachPriors: boolean;
  /** `true`: each gamma is a trained scalar. */
  readonly learnableGamma: boolean;
  /** `true`: one tower per task for all domains. */
  readonly sharedTowers: boolean;
  /** `false`: EPNet off although a `domain` group is there. */
  readonly epnet: boolean;
  /** `false`: PPNet's gates off (they give 1) although a `uia` group is there. */
  readonly ppnet: boolean;
}

/** A model, complete. */
export interface ModelSpec {
  /** In the order in which they were added. */
  readonly features: readonly FeatureSpec[];
  /** TorchEasyRec's `label_fields`: labels and the domain column. */
  readonly labels: readonly string[];
  /** Columns that weigh rows in a tower's loss (`sample_weight_fields`). */
  readonly sampleWeights: readonly string[];
  /** As declared; without `all`, every feature is in `all`. */
  readonly groups: readonly GroupSpec[];
  /** Layers of the user's own between the embeddings and EPNet, in order; each keeps the width. */
  readonly layers: readonly CustomLayer[];
  /** The gate over the embeddings. */
  readonly epnet: EpnetSpec;
  /** The gated hidden layers of each task. */
  readonly ppnet: PpnetSpec;
  /** The domains; `null`: one tower a task. */
  readonly domains: DomainsSpec | null;
  /** The tasks, in order. */
  readonly towers: readonly TowerSpec[];
  /** What TorchEasyRec lacks. */
  readonly switches: SwitchesSpec;
  /** How it is trained. */
  readonly training: TrainingSpec;
  /** Fields of an opened config that the spec does not model, as proto JSON of the pipeline, merged back on print. */
  readonly extra: JsonObject;
}

/** The feature names of a group, in column order; `all` defaults to every feature; `null` where the group is absent. */
export function groupFeatures(spec: ModelSpec, name: GroupName): readonly string[] | null {
  const group = spec.groups.find((g) => g.name === name);
  if (group) return group.features;
  return name === "all" ? spec.features.map((f) => f.name) : null;
}

/** Whether EPNet's gate acts. */
export function hasEpnet(spec: ModelSpec): boolean {
  return spec.switches.epnet && groupFeatures(spec, "domain") !== null;
}

/** Whether PPNet's layers are there (its gates may be switched off). */
export function hasPpnet(spec: ModelSpec): boolean {
  return groupFeatures(spec, "uia") !== null;
}

/** Towers per task: the domain count, or 1 where there are no domains or one tower is shared. */
export function towersPerTask(spec: ModelSpec): number {
  return spec.domains === null || spec.switches.sharedTowers ? 1 : spec.domains.count;
}

/** Name of a domain for people: its given name, or `column=index`. */
export function domainName(spec: ModelSpec, index: number): string {
  return spec.domains?.names?.[index] ?? `${spec.domains?.column ?? "domain"}=${index}`;
}
