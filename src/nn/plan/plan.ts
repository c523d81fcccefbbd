/**
 * The plan of a model's program: the branches, towers, layers and names of a spec. Plain data without TF.js, so that
 * the worker thread, which only runs the compiled program, can use the same plan.
 */
import { SpecError } from "../../errors/index.js";
import {
  type Activation,
  type CustomLayer,
  type FeatureSpec,
  featureWidth,
  findFeature,
  type GroupName,
  groupFeatures,
  hasEpnet,
  hasPpnet,
  type LayerInput,
  layerInput,
  layerParameters,
  type MlpSpec,
  type ModelSpec,
  type NamedLayerParameter,
  parseActivation,
  type TowerSpec,
  tableRows,
  towersPerTask,
} from "../../spec/index.js";
import { checkLosses, ranksSessions } from "./task-losses.js";

/** Width of each group's input; `null` if the group is missing. */
export interface GroupDims {
  readonly all: number;
  readonly domain: number | null;
  readonly uia: number | null;
}

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
  readonly dims: GroupDims;
  readonly layers: readonly CustomLayerPlan[];
  readonly epnet: { readonly hidden: number } | null;
  /** `null`: no `uia` group. */
  readonly ppnet: { readonly activation: Activation; readonly gated: boolean } | null;
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
  return {
    spec,
    dims,
    layers: planLayers(spec),
    epnet: hasEpnet(spec) ? { hidden: spec.epnet.hidden ?? dims.all } : null,
    ppnet: hasPpnet(spec) ? { activation: parseActivation(spec.ppnet.activation, "ppnet.activation"), gated } : null,
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

/** Width of each group's input, from the spec's features. */
export function groupDims(spec: ModelSpec): GroupDims {
  return { all: groupDim(spec, "all") ?? 0, domain: groupDim(spec, "domain"), uia: groupDim(spec, "uia") };
}

function groupDim(spec: ModelSpec, group: GroupName): number | null {
  const names = groupFeatures(spec, group);
  if (names === null) return null;
  return names.reduce((sum, name) => {
    const feature = findFeature(spec, name);
    if (feature === undefined) {
      throw new SpecError({ path: `groups.${group}`, message: `no feature "${name}"` });
    }
    if (feature.kind === "other") {
      throw new SpecError({
        path: `features.${name}`,
        message: `this engine does not support ${feature.field}`,
        expected: "id_feature, raw_feature or combo_feature",
        fix: `remove "${name}" from the groups to train here; the config keeps it`,
      });
    }
    return sum + featureWidth(feature);
  }, 0);
}

function planTask(spec: ModelSpec, dims: GroupDims, savings: boolean, tower: TowerSpec, index: number): TaskPlan {
  const path = `towers.${tower.name}`;
  checkLosses(tower, path);
  const ppnet = hasPpnet(spec) ? layers(dims.all, spec.ppnet.hidden, spec.ppnet.dropout, "ppnet.dropout") : [];
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

/** The groups that the program reads, in the order of its inputs. */
export function groupsOf(plan: Plan): GroupName[] {
  const names: GroupName[] = ["all"];
  if (plan.epnet !== null) names.push("domain");
  if (plan.ppnet?.gated) names.push("uia");
  return names;
}

/** Name of a task's tower for a domain. */
export function towerName(plan: Plan, task: number, domain: number): string {
  return `model._task_tower.${task * plan.towers + domain}`;
}

/** Name of a tower's layer. */
export function perceptronName(tower: string, layer: number): string {
  return `${tower}.tower_mlp.mlp.${layer}.perceptron`;
}

/** Name of the EPNet gate's parameters. */
export const epnetGateName = "model.epnet.gate_nu";

/** Name of a PPNet layer. */
export function ppnetLinearName(plan: Plan, task: number, layer: number): string {
  return `model.ppnet.linears.${task * plan.spec.ppnet.hidden.length + layer}`;
}

/** Name of a PPNet gate: one per task and layer; in the paper's placement, one per layer. */
export function ppnetGateName(plan: Plan, task: number, layer: number): string {
  const shared = plan.spec.switches.gatePlacement === "input";
  return `model.ppnet.gate_nus.${shared ? layer : task * plan.spec.ppnet.hidden.length + layer}`;
}

/** Name of an embedding table. */
export function embeddingName(table: string): string {
  return `model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.${table}.weight`;
}

/** Names of the batch norms of the model, with their units. */
export function batchNorms(plan: Plan): { readonly name: string; readonly units: number }[] {
  return plan.tasks.flatMap((task) =>
    usesBatchNorm(task.tower.mlp)
      ? Array.from({ length: plan.towers }, (_, domain) => towerName(plan, task.index, domain)).flatMap((tower) =>
          task.mlp.map((layer, index) => ({ name: `${perceptronName(tower, index)}.1`, units: layer.outDim })),
        )
      : [],
  );
}

/**
 * Whether a row's numbers depend on other rows: true for batch norm statistics and for losses that compare rows of a
 * session, and possible for custom layers.
 * Otherwise a batch may be computed in parts.
 */
export function needsWholeBatch(plan: Plan): boolean {
  return plan.layers.length > 0 || batchNorms(plan).length > 0 || plan.tasks.some(({ tower }) => ranksSessions(tower));
}

function usesBatchNorm(mlp: MlpSpec | null): boolean {
  return mlp?.batchNorm === true;
}
