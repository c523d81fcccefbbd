/**
 * The plan of learned embeddings of numbers: their parameters, and the columns of a group's matrix that they read.
 */
import {
  findFeature,
  type GroupName,
  groupFeatures,
  inputWidth,
  isProjected,
  type ModelSpec,
  type NumberProjection,
  type ProjectedFeature,
} from "../../spec/index.js";

/** A feature whose numbers the program embeds. */
export interface ProjectionPlan {
  readonly feature: string;
  readonly projection: NumberProjection;
  /** Number of values per row. */
  readonly valueDim: number;
  /** Number of columns of the embedding. */
  readonly dim: number;
}

/** Adjacent columns of a group's matrix. */
export interface ColumnRun {
  /** First column. */
  readonly start: number;
  readonly width: number;
  /** `null`: the columns are the input of the model. */
  readonly projection: ProjectionPlan | null;
}

/** The columns of each group's matrix. */
export type GroupColumns = Readonly<Record<GroupName, readonly ColumnRun[]>>;

/** The columns of each group's matrix, in order; none for a missing group. */
export function planColumns(spec: ModelSpec): GroupColumns {
  return { all: columnRuns(spec, "all"), domain: columnRuns(spec, "domain"), uia: columnRuns(spec, "uia") };
}

function columnRuns(spec: ModelSpec, group: GroupName): ColumnRun[] {
  const runs: ColumnRun[] = [];
  let start = 0;
  for (const name of groupFeatures(spec, group) ?? []) {
    const feature = findFeature(spec, name);
    if (feature === undefined) continue;
    const width = inputWidth(feature);
    const last = runs.at(-1);
    if (isProjected(feature)) runs.push({ start, width, projection: planProjection(feature) });
    else if (last?.projection === null) runs[runs.length - 1] = { ...last, width: last.width + width };
    else runs.push({ start, width, projection: null });
    start += width;
  }
  return runs;
}

/** The plan of a feature. */
export function planProjection({ name, projection, valueDim, embeddingDim }: ProjectedFeature): ProjectionPlan {
  return { feature: name, projection, valueDim, dim: embeddingDim };
}

/** The columns that learned embeddings add to a group, besides the numbers that they read. */
export function addedColumns(columns: readonly ColumnRun[]): number {
  return columns.reduce(
    (sum, { projection }) => sum + (projection === null ? 0 : projection.dim - projection.valueDim),
    0,
  );
}

const prefix = "model.embedding_group.emb_impls.__BASE__.dense_ec.dense_embs";

/**
 * TorchEasyRec's name of an array in a checkpoint. While it trains, features with equal settings share one parameter
 * without the feature's name ({@link trainedName}).
 */
export function projectionName({ feature, projection, valueDim, dim }: ProjectionPlan, array: string): string {
  return `${prefix}.${settingsKey(projection, feature, valueDim, dim)}.${array}_${feature}.weight`;
}

/** The spaces are TorchEasyRec's. */
function settingsKey(projection: NumberProjection, feature: string, valueDim: number, dim: number): string {
  if (projection.kind === "mlp") {
    return valueDim === 1 ? `mlp#${dim}` : `mlp#${dim}#vdim#${valueDim}#feature_name#            ${feature}`;
  }
  const decimals = (value: number): string => value.toFixed(6).replace(".", "_");
  return `autodis#${dim}#${projection.channels}#${decimals(projection.keepProb)}#${decimals(projection.temperature)}`;
}

const projectedArray = /(\.dense_ec\.dense_embs\..*\.(?:meta_emb|proj_w|proj_m))_.*\.weight$/;

/** The name of a parameter while TorchEasyRec trains, which patterns of optimizers match. */
export function trainedName(name: string): string {
  return name.replace(projectedArray, "$1");
}
