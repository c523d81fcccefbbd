/** The model spec: frozen plain data from which everything else is derived. */

import { deepFreeze, type JsonObject } from "../util/json.js";
import type { DerivedColumns } from "./feature/derived.js";
import { type FeatureSpec, isSequence } from "./feature/feature.js";
import type { GroupSequences } from "./feature/sequence.js";
import type { ModelLayer } from "./layer.js";
import type { LossSpec } from "./losses.js";
import type { MetricSpec, TrainMetricSpec } from "./metrics.js";
import type { MlpSpec } from "./mlp.js";
import type { TrainingSpec } from "./training.js";

/** The groups of PEPNet: `all` feeds the model, `domain` EPNet's gate, `uia` (user, item, author) PPNet's gates. */
export type GroupName = "all" | "domain" | "uia";

/** Every group, in the order of a config. */
export const everyGroup: readonly GroupName[] = ["all", "domain", "uia"];

/** A named list of features, in the order of their columns. */
export interface GroupSpec {
  readonly name: GroupName;
  readonly features: readonly string[];
  /** Sequences whose encoders add columns after the features; absent: none. */
  readonly sequences?: GroupSequences;
  /** Config fields that the spec does not model, as proto JSON, kept for export. */
  readonly extra: JsonObject;
}

/** EPNet: a Gate NU over the embeddings, fed by [domain, stopgrad(all)] (paper §3.2), if there is a `domain` group. */
export interface EpnetSpec {
  /** Hidden units of the gate; `null`: dim(all). */
  readonly hidden: number | null;
  /** The factor of the gate's sigmoid: gates are in 0 … gamma, so 2 lets them damp and amplify. */
  readonly gamma: number;
}

/** PPNet: layers per task, each with a Gate NU fed by [uia, stopgrad(epnet output)] (§3.3); needs a `uia` group. */
export interface PpnetSpec extends Pick<MlpSpec, "hidden" | "activation" | "dropout"> {
  /** The factor of the gates' sigmoid: gates are in 0 … gamma. */
  readonly gamma: number;
}

/** One tower per domain; the value of `column` (also a label field) selects the tower. */
export interface DomainsSpec {
  /** The column of an id feature or a label field with values 0 … count − 1. */
  readonly column: string;
  /** Number of domains, and so of towers per task. */
  readonly count: number;
  /** Display names instead of 0 … count − 1, and the texts of a text column; not part of a TorchEasyRec config. */
  readonly names: readonly string[] | null;
}

/** Options that TorchEasyRec lacks; each is off by default, and `toConfig()` rejects a spec that uses one. */
export interface SwitchesSpec {
  /** `output`: TorchEasyRec's; `input`: the paper's, one Gate NU per layer on its input, split over tasks. */
  readonly gatePlacement: "output" | "input";
  /** `false`: gradients flow from the gates into their `all` input. */
  readonly stopGradient: boolean;
  /** `true`: gradients do not flow from the gates into the domain and uia embeddings. */
  readonly detachPriors: boolean;
  /** `true`: each gamma is a trained scalar. */
  readonly learnableGamma: boolean;
  /** `true`: one tower per task for all domains. */
  readonly sharedTowers: boolean;
  /** `false`: EPNet is off even if a `domain` group exists. */
  readonly epnet: boolean;
  /** `false`: PPNet's gates are off (equal to 1) even if a `uia` group exists. */
  readonly ppnet: boolean;
}

/**
 * A model to compare PEPNet with, from the same features and towers; a study makes it. `mmoe`: PPNet's layers become
 * experts that all tasks share, mixed by a softmax per task (Ma et al., KDD 2018). `ple`: also experts of each task
 * alone (Tang et al., RecSys 2020; one level of extraction, also called CGC). `star`: the weights of a domain's towers
 * are products with weights that all domains share (Sheng et al., CIKM 2021). `apart`: a separate model for each of
 * some parts of the domains.
 */
export interface BaselineSpec {
  readonly kind: "mmoe" | "ple" | "star" | "apart" | "logistic";
  /** Number of experts that all tasks share, for `mmoe` and `ple`; else absent. */
  readonly experts?: number;
  /** Number of experts of each task alone, for `ple`; else absent. */
  readonly taskExperts?: number;
  /** Hidden units of the auxiliary network of `star`; else absent. */
  readonly auxiliary?: number;
  /** The domains of each model of `apart`; together they contain every domain once. Absent for other models. */
  readonly parts?: readonly (readonly number[])[];
  /** For `apart`: the domain of which a random half of the training rows is left out; else absent. */
  readonly halved?: number;
}

/** The complete spec of a model. */
export interface ModelSpec {
  readonly features: readonly FeatureSpec[];
  /** TorchEasyRec's `label_fields`: labels and the domain column. */
  readonly labels: readonly string[];
  /** Columns of labels and features that are computed from columns of the data. Default: none. */
  readonly derived?: DerivedColumns;
  /** Columns that weight rows in a tower's loss (`sample_weight_fields`). */
  readonly sampleWeights: readonly string[];
  /** The groups in the order of their declaration. If `all` is missing, it contains every feature. */
  readonly groups: readonly GroupSpec[];
  /** Layers between the embeddings and EPNet, in order; each keeps the width. */
  readonly layers: readonly ModelLayer[];
  readonly epnet: EpnetSpec;
  readonly ppnet: PpnetSpec;
  /** The domains; `null`: one tower per task. */
  readonly domains: DomainsSpec | null;
  readonly towers: readonly TowerSpec[];
  readonly switches: SwitchesSpec;
  /** The baseline that this model is; absent for PEPNet. */
  readonly baseline?: BaselineSpec;
  readonly training: TrainingSpec;
  /** Fields of an opened config that the spec does not model, as proto JSON of the pipeline, merged back on export. */
  readonly extra: JsonObject;
}

/** A group's features in column order; `all` defaults to all but sequences; `null` if the group is missing. */
export function groupFeatures(spec: ModelSpec, name: GroupName): readonly string[] | null {
  const group = spec.groups.find((g) => g.name === name);
  if (group) return group.features;
  return name === "all" ? defaultFeatures(spec) : null;
}

export function defaultFeatures({ features }: Pick<ModelSpec, "features">): readonly string[] {
  return features.filter((feature) => !isSequence(feature)).map((feature) => feature.name);
}

/** Names of the features that some group reads itself, without those of its sequences. */
export function groupedFeatures(spec: ModelSpec): ReadonlySet<string> {
  return new Set(everyGroup.flatMap((name) => groupFeatures(spec, name) ?? []));
}

/** Whether groups look up weighted ids; sequences ignore weights. */
export function hasWeightedIds(spec: ModelSpec): boolean {
  const used = groupedFeatures(spec);
  return spec.features.some((each) => each.kind === "id" && each.weighted && used.has(each.name));
}

/** Names of the features that some group uses, itself or in its sequences. */
export function usedFeatures(spec: ModelSpec): ReadonlySet<string> {
  const sequences = spec.groups.flatMap((group) => group.sequences?.groups ?? []);
  return new Set([...groupedFeatures(spec), ...sequences.flatMap(({ features }) => features)]);
}

export function hasEpnet(spec: ModelSpec): boolean {
  return spec.switches.epnet && groupFeatures(spec, "domain") !== null;
}

/** Whether PPNet's layers exist (its gates may be switched off). */
export function hasPpnet(spec: ModelSpec): boolean {
  return groupFeatures(spec, "uia") !== null;
}

/** Number of experts of MMoE or PLE, shared ones first; 0 for other models. */
export function expertCount({ baseline, towers }: ModelSpec): number {
  return (baseline?.experts ?? 0) + (baseline?.taskExperts ?? 0) * towers.length;
}

export function expertsOf({ baseline }: ModelSpec, task: number): number[] {
  const { experts = 0, taskExperts = 0 } = baseline ?? {};
  return Array.from({ length: experts + taskExperts }, (_, i) => (i < experts ? i : i + task * taskExperts));
}

/** Towers per task: the number of domains, or 1 without domains or with a shared tower. */
export function towersPerTask(spec: ModelSpec): number {
  return spec.domains === null || spec.switches.sharedTowers ? 1 : spec.domains.count;
}

/** The display name of a domain: its configured name, or `column=index`. */
export function domainName(spec: ModelSpec, index: number): string {
  return spec.domains?.names?.[index] ?? `${spec.domains?.column ?? "domain"}=${index}`;
}

/** More domains are one message, which names the first of them. */
const mostNamed = 3;

/** Domains for messages, with their numbers and names: one message each, or one of all. */
export function domainMessages(
  spec: ModelSpec,
  domains: readonly number[],
): { of: readonly number[]; names: string }[] {
  const name = (domain: number): string => `${domain} (${domainName(spec, domain)})`;
  if (domains.length <= mostNamed) return domains.map((domain) => ({ of: [domain], names: name(domain) }));
  return [{ of: domains, names: `${domains.slice(0, mostNamed).map(name).join(", ")} …` }];
}

/** The display names of all domains; none without domains. */
export function listDomainNames(spec: ModelSpec): string[] {
  return Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain));
}

/** A spec without features or towers, trained by Adam 0.001 and sparse Adagrad 0.05. */
export const emptySpec: ModelSpec = deepFreeze<ModelSpec>({
  features: [],
  labels: [],
  sampleWeights: [],
  groups: [],
  layers: [],
  epnet: { hidden: null, gamma: 2 },
  ppnet: { hidden: [], activation: "nn.ReLU", dropout: [], gamma: 2 },
  domains: null,
  towers: [],
  switches: {
    gatePlacement: "output",
    stopGradient: true,
    detachPriors: false,
    learnableGamma: false,
    sharedTowers: false,
    epnet: true,
    ppnet: true,
  },
  training: {
    epochs: null,
    steps: null,
    batchSize: null,
    evalBatchSize: null,
    seed: 1,
    shuffle: true,
    dropRemainder: false,
    dense: { kind: "adam", lr: 0.001, beta1: 0.9, beta2: 0.999, weightDecay: 0, eps: 1e-8, amsgrad: false },
    denseLearningRate: { kind: "constant" },
    sparse: { kind: "adagrad", lr: 0.05, initialAccumulator: 0, maxGradient: null },
    sparseLearningRate: { kind: "constant" },
    partOptimizers: [],
    emaDecay: null,
    gradientAccumulation: 1,
    gradClipping: null,
    tablePlacement: "sparse",
  },
  extra: {},
});

/** TorchEasyRec's defaults of `MLP`. */
export const defaultMlp: MlpSpec = deepFreeze<MlpSpec>({
  hidden: [],
  dropout: [],
  activation: "nn.ReLU",
  batchNorm: false,
  layerNorm: false,
  bias: true,
});

/** Whether a tower predicts one of two classes: a probability, or a softmax of two. */
export function isBinary(tower: TowerSpec): boolean {
  return tower.numClass <= 2 && !tower.losses.every((loss) => loss.kind === "l2_loss");
}

/** The label of rows that a softmax loss leaves out (PyTorch's `ignore_index`). */
export const ignoredClass: number = -100;

/** Whether a tower leaves out rows with the label {@link ignoredClass}. */
export function ignoresRows({ losses }: TowerSpec): boolean {
  return losses.length > 0 && losses.every(({ kind }) => kind === "softmax_cross_entropy");
}

/** Different loss weights for rows inside (indicator label > 0) and outside a task's space. */
export interface TaskSpaceSpec {
  readonly indicatorLabel: string;
  readonly inWeight: number;
  readonly outWeight: number;
}

/** One task. */
export interface TowerSpec {
  readonly name: string;
  readonly label: string;
  /** 1 for binary and L2 losses, else the number of softmax classes. */
  readonly numClass: number;
  /** `null`: the tower is only the final linear layer. */
  readonly mlp: MlpSpec | null;
  readonly losses: readonly LossSpec[];
  /** Computed at every evaluation, in addition to the exact metrics. */
  readonly metrics: readonly MetricSpec[];
  /** Computed on the batches of training. Default: none. */
  readonly trainMetrics?: readonly TrainMetricSpec[];
  /** Weight of the task's loss in the sum over tasks. */
  readonly weight: number;
  /** The least weight of each of its losses if training weighs losses by their gradients. Default: 0. */
  readonly minWeight?: number;
  /** The column that weights rows in the task's loss; `null`: all rows have weight 1. */
  readonly sampleWeight: string | null;
  /** Different weights inside and outside the task space; `null`: none. */
  readonly taskSpace: TaskSpaceSpec | null;
  /** Config fields that the spec does not model, as proto JSON, kept for export. */
  readonly extra: JsonObject;
}

export interface Site {
  readonly module: "epnet" | "ppnet";
  readonly tower: string | null;
  readonly layer: number;
}

/** `EPNet`, or `PPNet ctr, layer 1`: layers count from 1, as in the paper. */
export function siteName({ module, tower, layer }: Site): string {
  return module === "epnet" ? "EPNet" : `PPNet ${tower ?? ""}, layer ${layer + 1}`;
}
