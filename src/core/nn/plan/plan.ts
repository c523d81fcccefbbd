/** The plan of a model's program: plain data without TF.js, for the thread that only runs the compiled program. */
import type * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../../errors/index.js";
import type { CrossNetwork } from "../../spec/cross-network.js";
import { type FeatureSpec, tableRows } from "../../spec/feature/feature.js";
import { type CustomLayer, type LayerInput, layerParameters, type NamedLayerParameter } from "../../spec/layer.js";
import { sessionFeature } from "../../spec/losses.js";
import {
  expertCount,
  type GroupName,
  hasEpnet,
  hasPpnet,
  type ModelSpec,
  type TowerSpec,
  towersPerTask,
} from "../../spec/model.js";
import { type GroupDims, groupDims, layerInput } from "../../spec/sizes.js";
import { type Activation, parseActivation } from "../../spec/validate/mlp.js";
import { sum } from "../../util/numbers.js";
import {
  attentionLayers,
  distinctViews,
  type EncoderPlan,
  type GroupColumns,
  type LayerPlan,
  layerPlans,
  planColumns,
  planEncoders,
  type SequenceView,
} from "./sequences.js";

export interface TaskPlan {
  readonly index: number;
  readonly tower: TowerSpec;
  /** Whether training computes this branch only on the rows of its task space: other rows have weight 0. */
  readonly restricted: boolean;
  /** Whether each domain's tower computes every row (for batch norm); its rows are selected afterwards. */
  readonly everyRow: boolean;
  readonly ppnet: readonly LayerPlan[];
  readonly mlp: readonly LayerPlan[];
  readonly activation: Activation;
  readonly outDim: number;
}

export interface ModelLayerPlan {
  readonly name: string;
  readonly input: LayerInput;
  readonly parameters: readonly NamedLayerParameter[];
  /** `null`: a custom layer. */
  readonly cross: CrossNetwork | null;
  /** Of a custom layer; `null` in a plan that was sent to another thread, because code cannot be sent. */
  readonly apply: CustomLayer["apply"] | null;
}

/** Everything that determines a program's structure. */
export interface Plan {
  readonly spec: ModelSpec;
  /** Widths with sequence encoders. */
  readonly dims: GroupDims;
  /** Widths of the groups' features alone, which are the program's inputs. */
  readonly inputDims: GroupDims;
  readonly columns: GroupColumns;
  readonly encoders: readonly EncoderPlan[];
  readonly layers: readonly ModelLayerPlan[];
  readonly epnet: { readonly hidden: number } | null;
  /** `null`: no `uia` group. */
  readonly ppnet: { readonly activation: Activation; readonly gated: boolean } | null;
  /** Number of experts, in the place of PPNet's layers; 0: PPNet. */
  readonly experts: number;
  /** `null`: not a STAR. */
  readonly star: { readonly auxiliary: number } | null;
  readonly towers: number;
  /** Rows of a chunk, if all towers of a task are one product by chunks; `null`: a product for each tower. */
  readonly chunkRows: number | null;
  readonly tasks: readonly TaskPlan[];
  /** Whether rows outside a task space are skipped, and towers compute only their domain's rows. */
  readonly savings: boolean;
}

export interface PlanOptions {
  /** `false`: every tower computes every row, as in TorchEasyRec; the numbers are the same. Default: true. */
  readonly savings?: boolean;
  /** Rows of a chunk of towers. Default: `null`. Ignored if a tower computes other domains' rows too. */
  readonly chunkRows?: number | null;
  /** Widths of the groups' inputs. Default: from the spec's features. */
  readonly dims?: GroupDims;
}

export function planModel(spec: ModelSpec, options: PlanOptions = {}): Plan {
  const dims = options.dims ?? groupDims(spec);
  const savings = options.savings ?? true;
  const gated = hasPpnet(spec) && spec.switches.ppnet;
  const encoders = planEncoders(spec);
  const columns = planColumns(spec);
  // The widths of the matrices that batches fill: without encoders, and numbers before a learned embedding.
  const filled = (group: GroupName) => sum(columns[group].map(({ width }) => width));
  const ofGroup = (group: "domain" | "uia") => (dims[group] === null ? null : filled(group));
  const input = layerInput(spec);
  const star = spec.baseline?.kind === "star" ? { auxiliary: spec.baseline.auxiliary! } : null;
  const towers = towersPerTask(spec);
  const tasks = spec.towers.map((tower, index) => planTask(spec, dims, savings, tower, index));
  return {
    spec,
    dims,
    inputDims: { all: filled("all"), domain: ofGroup("domain"), uia: ofGroup("uia") },
    columns,
    encoders,
    layers: spec.layers.map((layer) => ({
      name: layer.name,
      input,
      parameters: layerParameters(layer, input),
      cross: layer.kind === "cross" ? layer : null,
      apply: layer.kind === "cross" ? null : layer.apply,
    })),
    epnet: hasEpnet(spec) ? { hidden: spec.epnet.hidden ?? dims.all } : null,
    ppnet: hasPpnet(spec) ? { activation: parseActivation(spec.ppnet.activation, "ppnet.activation"), gated } : null,
    experts: expertCount(spec),
    star,
    towers,
    chunkRows: canChunk({ star, towers, tasks }) ? (options.chunkRows ?? null) : null,
    tasks,
    savings,
  };
}

/** Whether each tower computes its domain's rows only, so that towers can be computed in chunks. */
function canChunk({ star, towers, tasks }: Pick<Plan, "star" | "towers" | "tasks">): boolean {
  return towers > 1 && star === null && tasks.every(({ everyRow }) => !everyRow);
}

/** Whether a layer's code is the user's: a closure, whose rows may depend on each other. */
export function hasCustomLayer({ layers }: Plan): boolean {
  return layers.some(({ cross }) => cross === null);
}

/** The plan for another thread: without custom layers' functions, and with rows in place of vocabularies. */
export function sendablePlan(plan: Plan): Plan {
  const layers = plan.layers.map((layer) => ({ ...layer, apply: null }));
  const features = plan.spec.features.map(withoutVocabulary);
  return { ...plan, layers, spec: { ...plan.spec, features, layers: [] } };
}

function withoutVocabulary(feature: FeatureSpec): FeatureSpec {
  if (feature.kind !== "id" && feature.kind !== "combo") return feature;
  const rows = tableRows(feature);
  const listed = feature.encoding.kind === "vocabList" || feature.encoding.kind === "vocabDict";
  return listed && rows !== null ? { ...feature, encoding: { kind: "buckets", count: rows } } : feature;
}

function planTask(spec: ModelSpec, dims: GroupDims, savings: boolean, tower: TowerSpec, index: number): TaskPlan {
  const hidden = hasPpnet(spec) ? layerPlans(dims.all, spec.ppnet.hidden, spec.ppnet.dropout) : [];
  // Experts are shared, so a task drops units of their mixture only.
  const ppnet =
    expertCount(spec) === 0
      ? hidden
      : hidden.map((layer, at) => (at === hidden.length - 1 ? layer : { ...layer, dropout: 0 }));
  const inDim = ppnet.at(-1)?.outDim ?? dims.all;
  const mlp = tower.mlp === null ? [] : layerPlans(inDim, tower.mlp.hidden, tower.mlp.dropout);
  const activation = parseActivation(tower.mlp?.activation ?? "", `towers.${tower.name}.mlp.activation`);
  const batchNorm = (tower.mlp?.batchNorm === true || activation.name === "Dice") && mlp.length > 0;
  const normedPpnet = ppnet.length > 0 && parseActivation(spec.ppnet.activation, "ppnet.activation").name === "Dice";
  const isStar = spec.baseline?.kind === "star"; // its norms see one domain's rows
  const space = tower.taskSpace;
  return {
    index,
    tower,
    restricted:
      savings &&
      !isStar &&
      !batchNorm &&
      !normedPpnet &&
      !ranksSessions(tower) &&
      tower.trainMetrics === undefined &&
      space !== null &&
      (space.outWeight === 0 || space.inWeight === 0),
    everyRow: towersPerTask(spec) > 1 && !isStar && (batchNorm || !savings),
    ppnet,
    mlp,
    activation,
    outDim: mlp.at(-1)?.outDim ?? inDim,
  };
}

export function ranksSessions(tower: TowerSpec): boolean {
  return tower.losses.some((loss) => sessionFeature(loss) !== null);
}

/** One run of a program: its plan, and its tensors and row counts by name. */
export class Feeds {
  /** Tensors that a layer outputs in addition to its result (batch statistics), by name. */
  readonly left: Map<string, tf.Tensor> = new Map();

  constructor(
    readonly plan: Plan,
    /** Whether batch norms use the batch's statistics. */
    readonly training: boolean,
    private readonly tensors: ReadonlyMap<string, tf.Tensor>,
    private readonly counts: ReadonlyMap<string, readonly number[]>,
  ) {}

  /** @throws EngineError if the input is missing. */
  tensor<T extends tf.Tensor = tf.Tensor>(name: string): T {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw missing(name);
    return tensor as T;
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** Row counts per domain, of rows sorted by domain. */
  sizes(name: string): readonly number[] {
    const counts = this.counts.get(name);
    if (counts === undefined) throw missing(name);
    return counts;
  }
}

function missing(name: string): EngineError {
  return new EngineError({ path: `program.${name}`, message: "missing input of the program" });
}

/** The names of a plan's inputs and parameters: TorchEasyRec's for parameters. */

/** The groups that the program reads, in the order of its inputs. */
export function groupNames(plan: Plan): GroupName[] {
  const names: GroupName[] = ["all"];
  if (plan.epnet !== null) names.push("domain");
  if (plan.ppnet?.gated) names.push("uia");
  return names;
}

/** Inputs with gradients besides parameters: features of the groups, then encoders' queries and sequences. */
export function matrixNames(plan: Plan): string[] {
  const groups: string[] = groupNames(plan).filter((group) => (plan.inputDims[group] ?? 0) > 0);
  return [...groups, ...readViews(plan).flatMap(viewMatrices)];
}

export function viewMatrices({ name, queryWidth }: SequenceView): string[] {
  return [...(queryWidth > 0 ? [`query.${name}`] : []), `sequence.${name}`];
}

/** The encoders that the program computes: those of groups that it reads. */
export function readEncoders(plan: Plan): readonly EncoderPlan[] {
  const groups = groupNames(plan);
  return plan.encoders.filter(({ group }) => groups.includes(group));
}

export function weightingEncoders(plan: Plan): readonly EncoderPlan[] {
  return readEncoders(plan).filter(({ encoder: { kind } }) => kind !== "pooling" && kind !== "self_attention");
}

export function readViews(plan: Plan): readonly SequenceView[] {
  return distinctViews(readEncoders(plan));
}

export function towerName(plan: Plan, task: number, domain: number): string {
  return `model._task_tower.${task * plan.towers + domain}`;
}

/** The parameters of all towers of a task as one matrix, [towers, numbers of a tower], in chunks. */
export function towersName(task: number): string {
  return `towers.${task}`;
}

/** The prefix of a branch's inputs: of its row counts, or of its chunks. */
export function branchPrefix(task: TaskPlan): string {
  return task.restricted ? `task.${task.index}.` : "";
}

/** What all domains share of a part of their towers in a STAR. */
export function starName(task: number, part: string): string {
  return part.replace(/^model\._task_tower\.\d+/, `model.star.${task}`);
}

export function perceptronName(tower: string, layer: number): string {
  return `${tower}.tower_mlp.mlp.${layer}.perceptron`;
}

/** The name of a layer's activation, which follows the layer's norm. */
export function towerActivationName(perceptron: string, { tower }: TaskPlan): string {
  return `${perceptron}.${tower.mlp?.batchNorm || tower.mlp?.layerNorm ? 2 : 1}`;
}

export const epnetGateName = "model.epnet.gate_nu";

export function ppnetLinearName(plan: Plan, task: number, layer: number): string {
  return `model.ppnet.linears.${task * plan.spec.ppnet.hidden.length + layer}`;
}

export function ppnetActivationName(linear: string): string {
  return linear.replace(".linears.", ".activations.");
}

/** Name of a PPNet gate: one per task and layer; in the paper's placement, one per layer. */
export function ppnetGateName(plan: Plan, task: number, layer: number): string {
  const shared = plan.spec.switches.gatePlacement === "input";
  return `model.ppnet.gate_nus.${shared ? layer : task * plan.spec.ppnet.hidden.length + layer}`;
}

export function expertLayerName(expert: number, layer: number): string {
  return `model.mmoe.experts.${expert}.${layer}`;
}

export function expertMixName(task: number): string {
  return `model.mmoe.gates.${task}`;
}

export interface DropoutSite {
  readonly name: string;
  /** The shape of the mask; symbols are row counts. */
  readonly shape: readonly (number | string)[];
  readonly rate: number;
}

/** All layers with dropout: those of tasks, then those of encoders. */
export function dropoutSites(plan: Plan): DropoutSite[] {
  return [...plan.tasks.flatMap(taskSites), ...encoderSites(plan)];
}

export function taskSites(task: TaskPlan): DropoutSite[] {
  const sites = (kind: string, layers: TaskPlan["mlp"]) =>
    layers.map(({ outDim, dropout: rate }, j): DropoutSite => {
      return { name: `${kind}.${task.index}.${j}`, shape: [branchRows(task), outDim], rate };
    });
  return dropping([...sites("ppnet", task.ppnet), ...sites("tower", task.mlp)]);
}

export function branchRows(task: TaskPlan): string {
  return task.restricted ? `rows.${task.index}` : "rows";
}

/** Dropout in encoders. Masks cover padding; those of self-attention's weights are [rows, heads, longest, longest]. */
export function encoderSites(plan: Plan): DropoutSite[] {
  return readEncoders(plan).flatMap((encoderPlan) => {
    const { encoder, view } = encoderPlan;
    if (encoder.kind === "self_attention") {
      const longest = `longest.${view.name}`;
      const shape = ["rows", encoder.heads, longest, longest];
      return dropping([{ name: encoderSite(encoderPlan.name, 0), shape, rate: encoder.dropout }]);
    }
    return dropping(
      attentionLayers(encoderPlan).map(({ dropout: rate, outDim }, layer): DropoutSite => {
        return { name: encoderSite(encoderPlan.name, layer), shape: [`positions.${view.name}`, outDim], rate };
      }),
    );
  });
}

export function encoderSite(encoder: string, layer: number): string {
  return `encoder.${encoder}.${layer}`;
}

function dropping(sites: readonly DropoutSite[]): DropoutSite[] {
  return sites.filter(({ rate }) => rate > 0);
}
