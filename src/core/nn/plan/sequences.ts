/** The plan of sequence encoders: what they read, and their parameters by TorchEasyRec's names. */

import { allEncoders, type EncoderPart, type SequenceInput } from "../../spec/feature/encoder-part.js";
import { findFeature, holdsSeveral, type NumberProjection } from "../../spec/feature/feature.js";
import { isProjected, type ProjectedFeature } from "../../spec/feature/projected-feature.js";
import type { MlpSpec } from "../../spec/mlp.js";
import { type GroupName, groupFeatures, type ModelSpec } from "../../spec/model.js";
import { columnsIn } from "../../spec/sizes.js";
import { type Activation, parseActivation } from "../../spec/validate/mlp.js";

/** A group cut to a length, as inputs `sequence.{name}` (padded), `query.{name}`, `mask.{name}` and `length.{name}`. */
export interface SequenceView extends Pick<SequenceInput, "suffix" | "queryWidth" | "width"> {
  /** `0`, `1`, …: distinguishes the inputs. */
  readonly name: string;
  readonly group: string;

  /** Most positions; 0: all. */
  readonly maxLength: number;
  readonly query: readonly string[];
  /** The features of the query that count only their first value. */
  readonly firstOnly: readonly string[];
  readonly sequence: readonly string[];
}

export interface EncoderPlan extends Pick<EncoderPart, "group" | "encoder"> {
  /** `0`, `1`, …: distinguishes the input `windows.{name}` [windows, longest]. */
  readonly name: string;
  /** The name in texts: `clicks: din`. */
  readonly label: string;
  readonly prefix: string;
  readonly view: SequenceView;
  /** The activation of its MLP; `null` without one. */
  readonly activation: Activation | null;
}

export function planEncoders(spec: ModelSpec): EncoderPlan[] {
  const views: SequenceView[] = [];
  return allEncoders(spec).map((part, index) => {
    const { encoder, group } = part;
    const maxLength = encoder.kind === "multi_window_din" ? 0 : encoder.maxLength;
    const earlier = views.find((view) => view.group === part.input.name && view.maxLength === maxLength);
    const view = earlier ?? makeView(part, maxLength, views.length);
    if (earlier === undefined) views.push(view);
    const mlp = "mlp" in encoder ? encoder.mlp : null;
    return {
      name: String(index),
      label: part.name,
      group,
      prefix: `model.embedding_group._group_name_to_seq_encoders.${group}.${part.index}`,
      encoder,
      view,
      activation: mlp === null ? null : parseActivation(mlp.activation, `groups.${group}.sequences`),
    };
  });
}

function makeView({ input }: EncoderPart, maxLength: number, index: number): SequenceView {
  const { name: group, suffix, query, sequence, queryWidth, width } = input;
  return {
    name: String(index),
    group,
    suffix,
    maxLength,
    query: query.map(({ name }) => name),
    firstOnly: query.filter((feature) => !holdsSeveral(feature)).map(({ name }) => name),
    sequence: sequence.map(({ name }) => name),
    queryWidth,
    width,
  };
}

export function distinctViews(encoders: readonly EncoderPlan[]): readonly SequenceView[] {
  return [...new Map(encoders.map(({ view }) => [view.name, view])).values()];
}

export interface LayerPlan {
  readonly inDim: number;
  readonly outDim: number;
  /** 0: no dropout. */
  readonly dropout: number;
}

export function layerPlans(inDim: number, hidden: readonly number[], dropout: readonly number[]): LayerPlan[] {
  return hidden.map((outDim, layer) => ({
    inDim: layer === 0 ? inDim : hidden[layer - 1]!,
    outDim,
    dropout: (dropout.length === 1 ? dropout[0] : dropout[layer]) ?? 0,
  }));
}

export interface AttentionLayer extends LayerPlan {
  readonly name: string;
  readonly mlp: MlpSpec;
}

export function attentionLayers({ encoder, prefix, view }: EncoderPlan): AttentionLayer[] {
  if (!("mlp" in encoder)) return [];
  const { mlp } = encoder;
  const inDim = (encoder.kind === "din" ? 4 : 3) * view.width;
  return layerPlans(inDim, mlp.hidden, mlp.dropout).map((layer, index) => {
    return { ...layer, name: `${prefix}.mlp.mlp.${index}.perceptron`, mlp };
  });
}

/**
 * The name of a layer's batch or layer norm, or of an activation with weights. Batch norm is between two
 * transpositions.
 */
export const normName = {
  batch: (layer: string): string => `${layer}.2`,
  layer: (layer: string): string => `${layer}.1`,
  activation: (layer: string, { batchNorm, layerNorm }: MlpSpec) => `${layer}.${batchNorm ? 4 : layerNorm ? 2 : 1}`,
};

/** A feature whose numbers the program embeds. */
export interface ProjectionPlan {
  readonly feature: string;
  readonly projection: NumberProjection;
  readonly valueDim: number;
  readonly dim: number;
}

/** Adjacent columns of a group's matrix. */
export interface ColumnRun {
  readonly start: number;
  readonly width: number;
  /** `null`: the columns are the input of the model. */
  readonly projection: ProjectionPlan | null;
}

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
    const width = columnsIn(spec, group, feature);
    const last = runs.at(-1);
    if (isProjected(feature)) runs.push({ start, width, projection: planProjection(feature) });
    else if (last?.projection === null) runs[runs.length - 1] = { ...last, width: last.width + width };
    else runs.push({ start, width, projection: null });
    start += width;
  }
  return runs;
}

export function planProjection({ name, projection, valueDim, embeddingDim }: ProjectedFeature): ProjectionPlan {
  return { feature: name, projection, valueDim, dim: embeddingDim };
}

const prefix = "model.embedding_group.emb_impls.__BASE__.dense_ec.dense_embs";

/**
 * A projection's name in TorchEasyRec's checkpoints. While it trains, features with equal settings share one ({@link
 * trainedName}).
 */
export function projectionName({ feature, projection, valueDim, dim }: ProjectionPlan, array: string): string {
  return `${prefix}.${settingsKey(projection, feature, valueDim, dim)}.${array}_${feature}.weight`;
}

/** The text of a projection's settings in TorchEasyRec's names, with its spaces. */
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
