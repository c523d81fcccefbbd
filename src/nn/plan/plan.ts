/** The plan of a model's program: plain data without TF.js, for the thread that only runs the compiled program. */
import type * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../../errors/index.js";
import { type FeatureSpec, tableRows } from "../../spec/feature/feature.js";
import { type CustomLayer, type LayerInput, layerParameters, type NamedLayerParameter } from "../../spec/layer.js";
import { sessionFeature } from "../../spec/losses/index.js";
import type { GroupName, ModelSpec, TowerSpec } from "../../spec/model.js";
import { expertCount, hasEpnet, hasPpnet, towersPerTask } from "../../spec/model.js";
import { type GroupDims, groupDims, layerInput } from "../../spec/sizes.js";
import { type Activation, parseActivation } from "../../spec/validate/mlp.js";
import { sum } from "../../util/turns.js";
import type { EncoderPlan, GroupColumns, LayerPlan } from "./sequences.js";
import { layerPlans, planColumns, planEncoders } from "./sequences.js";

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
  /** Number of columns of the last linear layer's input. */
  readonly outDim: number;
}

export interface CustomLayerPlan {
  readonly name: string;
  readonly input: LayerInput;
  readonly parameters: readonly NamedLayerParameter[];
  /** `null` in a plan that was sent to another thread, because code cannot be sent. */
  readonly apply: CustomLayer["apply"] | null;
}

/** Everything that determines a program's structure. */
export interface Plan {
  readonly spec: ModelSpec;
  /** Widths with sequence encoders. */
  readonly dims: GroupDims;
  /** Widths of the groups' features alone: of the program's inputs. */
  readonly inputDims: GroupDims;
  readonly columns: GroupColumns;
  readonly encoders: readonly EncoderPlan[];
  readonly layers: readonly CustomLayerPlan[];
  readonly epnet: { readonly hidden: number } | null;
  /** `null`: no `uia` group. */
  readonly ppnet: { readonly activation: Activation; readonly gated: boolean } | null;
  /** Number of MMoE's experts, in the place of PPNet's layers; 0: PPNet. */
  readonly experts: number;
  readonly towers: number;
  readonly tasks: readonly TaskPlan[];
  /** Whether rows outside a task space are skipped, and towers compute only their domain's rows. */
  readonly savings: boolean;
}

export interface PlanOptions {
  /** `false`: every tower computes every row, as in TorchEasyRec; the numbers are the same. Default: true. */
  readonly savings?: boolean;
  /** Widths of the groups' inputs. Default: from the spec's features. */
  readonly dims?: GroupDims;
}

/** The plan of a valid model; see `assertComputable`. */
export function planModel(spec: ModelSpec, options: PlanOptions = {}): Plan {
  const dims = options.dims ?? groupDims(spec);
  const savings = options.savings ?? true;
  const gated = hasPpnet(spec) && spec.switches.ppnet;
  const encoders = planEncoders(spec);
  const columns = planColumns(spec);
  return {
    spec,
    dims,
    inputDims: inputDims(dims, columns),
    columns,
    encoders,
    layers: planLayers(spec),
    epnet: hasEpnet(spec) ? { hidden: spec.epnet.hidden ?? dims.all } : null,
    ppnet: hasPpnet(spec) ? { activation: parseActivation(spec.ppnet.activation, "ppnet.activation"), gated } : null,
    experts: expertCount(spec),
    towers: towersPerTask(spec),
    tasks: spec.towers.map((tower, index) => planTask(spec, dims, savings, tower, index)),
    savings,
  };
}

function planLayers(spec: ModelSpec): CustomLayerPlan[] {
  const input = layerInput(spec);
  return spec.layers.map((layer) => ({
    name: layer.name,
    input,
    parameters: layerParameters(layer, input),
    apply: layer.apply,
  }));
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
  const batchNorm = tower.mlp?.batchNorm === true && mlp.length > 0;
  const space = tower.taskSpace;
  return {
    index,
    tower,
    restricted:
      savings &&
      !batchNorm &&
      !ranksSessions(tower) &&
      space !== null &&
      (space.outWeight === 0 || space.inWeight === 0),
    everyRow: towersPerTask(spec) > 1 && (batchNorm || !savings),
    ppnet,
    mlp,
    activation: parseActivation(tower.mlp?.activation ?? "", `towers.${tower.name}.mlp.activation`),
    outDim: mlp.at(-1)?.outDim ?? inDim,
  };
}

/** The widths of the matrices that batches fill: without encoders, and numbers before a learned embedding. */
function inputDims(dims: GroupDims, columns: GroupColumns): GroupDims {
  const filled = (group: GroupName) => sum(columns[group].map(({ width }) => width));
  const ofGroup = (group: "domain" | "uia") => (dims[group] === null ? null : filled(group));
  return { all: filled("all"), domain: ofGroup("domain"), uia: ofGroup("uia") };
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
