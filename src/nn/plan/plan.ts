/**
 * The plan of a model's program: the branches, towers, layers and names of a spec. Plain data without TF.js, so that
 * the worker thread, which only runs the compiled program, can use the same plan.
 */
import { SpecError } from "../../errors/index.js";
import {
  type Activation,
  type CustomLayer,
  expertCount,
  type FeatureSpec,
  hasEpnet,
  hasPpnet,
  type LayerInput,
  layerInput,
  layerParameters,
  type ModelSpec,
  type NamedLayerParameter,
  parseActivation,
  type TowerSpec,
  tableRows,
  towersPerTask,
} from "../../spec/index.js";
import { type GroupDims, groupDims, ownDims } from "./dims.js";
import { type GroupColumns, planColumns } from "./projections.js";
import { type EncoderPlan, planEncoders } from "./sequences.js";
import { checkLosses, ranksSessions } from "./task-losses.js";

/** One layer of an MLP. */
export interface LayerPlan {
  readonly inDim: number;
  readonly outDim: number;
  /** 0: no dropout. */
  readonly dropout: number;
}

/** The branch of one task. */
export interface TaskPlan {
  readonly index: number;
  readonly tower: TowerSpec;
  /** Whether training computes this branch only on the rows of its task space: other rows have weight 0. */
  readonly restricted: boolean;
  /**
   * Whether each domain's tower computes every row (for its batch norm statistics), with its rows selected
   * afterwards.
   */
  readonly everyRow: boolean;
  readonly ppnet: readonly LayerPlan[];
  readonly mlp: readonly LayerPlan[];
  readonly activation: Activation;
  /** Number of columns of the last linear layer's input. */
  readonly outDim: number;
}

/** A custom layer. */
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
  /** The columns of these inputs. */
  readonly columns: GroupColumns;
  readonly encoders: readonly EncoderPlan[];
  readonly layers: readonly CustomLayerPlan[];
  readonly epnet: { readonly hidden: number } | null;
  /** `null`: no `uia` group. */
  readonly ppnet: { readonly activation: Activation; readonly gated: boolean } | null;
  /** Number of MMoE's experts, in the place of PPNet's layers; 0: PPNet. */
  readonly experts: number;
  /** Towers per task. */
  readonly towers: number;
  readonly tasks: readonly TaskPlan[];
  /** Whether rows outside a task space are skipped, and towers compute only their domain's rows. */
  readonly savings: boolean;
}

/** Options of {@link planModel}. */
export interface PlanOptions {
  /** `false`: every tower computes every row, as in TorchEasyRec; the numbers are the same. Default: true. */
  readonly savings?: boolean;
  /** Widths of the groups' inputs. Default: from the spec's features. */
  readonly dims?: GroupDims;
}

/**
 * Plans a model.
 * @throws SpecError for models that cannot be built: an unknown activation, an unsupported loss.
 */
export function planModel(spec: ModelSpec, options: PlanOptions = {}): Plan {
  const dims = options.dims ?? groupDims(spec);
  const savings = options.savings ?? true;
  const gated = hasPpnet(spec) && spec.switches.ppnet;
  if (hasPpnet(spec) && spec.ppnet.hidden.length === 0) {
    throw new SpecError({
      path: "ppnet.hidden",
      message: "the group `uia` exists, but PPNet has no layers",
      received: "[]",
      expected: "at least one hidden size",
      fix: "set PPNet's hidden sizes, such as [128, 64], or remove the group",
    });
  }
  const encoders = planEncoders(spec);
  const columns = planColumns(spec);
  return {
    spec,
    dims,
    inputDims: ownDims(spec, dims, columns),
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

/**
 * The plan for another thread: without the functions of custom layers, which are traced here, and without
 * vocabularies, of which only the number of rows matters after encoding.
 */
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
  const path = `towers.${tower.name}`;
  checkLosses(tower, path);
  const hidden = hasPpnet(spec) ? layers(dims.all, spec.ppnet.hidden, spec.ppnet.dropout, "ppnet.dropout") : [];
  // Experts are shared, so a task drops units of their mixture only.
  const ppnet =
    expertCount(spec) === 0
      ? hidden
      : hidden.map((layer, at) => (at === hidden.length - 1 ? layer : { ...layer, dropout: 0 }));
  const inDim = ppnet.at(-1)?.outDim ?? dims.all;
  const mlp = tower.mlp === null ? [] : layers(inDim, tower.mlp.hidden, tower.mlp.dropout, `${path}.mlp.dropout`);
  const batchNorm = tower.mlp?.batchNorm === true && mlp.length > 0;
  const space = tower.taskSpace;
  if (tower.mlp?.batchNorm === true && tower.mlp.layerNorm) {
    throw new SpecError({ path: `${path}.mlp`, message: "a layer can have batch norm or layer norm, not both" });
  }
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
    activation: parseActivation(tower.mlp?.activation ?? "", `${path}.mlp.activation`),
    outDim: mlp.at(-1)?.outDim ?? inDim,
  };
}

function layers(inDim: number, hidden: readonly number[], dropout: readonly number[], path: string): LayerPlan[] {
  if (dropout.length > 1 && dropout.length !== hidden.length) {
    throw new SpecError({
      path,
      message: "the number of dropout rates differs from the number of layers",
      received: `${dropout.length} rates for ${hidden.length} layers`,
      expected: "none, one for all layers, or one per layer",
    });
  }
  return hidden.map((outDim, layer) => ({
    inDim: layer === 0 ? inDim : hidden[layer - 1]!,
    outDim,
    dropout: (dropout.length === 1 ? dropout[0] : dropout[layer]) ?? 0,
  }));
}
