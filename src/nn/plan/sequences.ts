/**
 * The plan of sequence encoders: what they read, and their parameters by TorchEasyRec's names.
 */
import {
  type Activation,
  allEncoders,
  type EncoderPart,
  type GroupName,
  holdsSeveral,
  type MlpSpec,
  type ModelSpec,
  parseActivation,
  type SequenceEncoderSpec,
} from "../../spec/index.js";

/**
 * A sequence group as some encoders read it, cut to a length. The program's inputs: `sequence.{name}` [positions,
 * width], padded with zeros to the longest row; `query.{name}` [rows, queryWidth]; `mask.{name}` [rows, longest], 1
 * within a row's length; `length.{name}` [rows, 1] after the cut, `length.{name}.whole` before it.
 */
export interface SequenceView {
  /** `0`, `1`, …: distinguishes the inputs. */
  readonly name: string;
  /** The sequence group's name. */
  readonly group: string;
  /** Suffix of its tables. */
  readonly suffix: string;
  /** Most positions; 0: all. */
  readonly maxLength: number;
  readonly query: readonly string[];
  /** The features of the query that count only their first value. */
  readonly firstOnly: readonly string[];
  readonly sequence: readonly string[];
  readonly queryWidth: number;
  readonly width: number;
}

/** One encoder. */
export interface EncoderPlan {
  /** `0`, `1`, …: distinguishes the input `windows.{name}` [windows, longest]. */
  readonly name: string;
  /** For people: `clicks: din`. */
  readonly label: string;
  readonly group: GroupName;
  /** Prefix of its parameters. */
  readonly prefix: string;
  readonly encoder: SequenceEncoderSpec;
  readonly view: SequenceView;
  /** Of its MLP; `null`: Dice, or no MLP. */
  readonly activation: Activation | null;
}

/** The encoders of a spec, in the order of groups. */
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
      activation: mlp === null || isDice(mlp) ? null : parseActivation(mlp.activation, `groups.${group}.sequences`),
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

/** The views of some encoders, each once. */
export function distinctViews(encoders: readonly EncoderPlan[]): readonly SequenceView[] {
  return [...new Map(encoders.map(({ view }) => [view.name, view])).values()];
}

/** Whether an MLP has the activation Dice, which has its own statistics and weights. */
export function isDice({ activation }: MlpSpec): boolean {
  return /^(?:\S+\.)?Dice(?:\(\))?$/.test(activation.trim());
}

/** A layer of an encoder's MLP. */
export interface AttentionLayer {
  /** Prefix of its parameters. */
  readonly name: string;
  readonly mlp: MlpSpec;
  readonly inDim: number;
  readonly outDim: number;
}

/** The layers of an encoder's MLP; none without an MLP. */
export function attentionLayers({ encoder, prefix, view }: EncoderPlan): AttentionLayer[] {
  if (!("mlp" in encoder)) return [];
  const { mlp } = encoder;
  const inDim = (encoder.kind === "din" ? 4 : 3) * view.width;
  return mlp.hidden.map((outDim, layer) => ({
    name: `${prefix}.mlp.mlp.${layer}.perceptron`,
    mlp,
    inDim: layer === 0 ? inDim : mlp.hidden[layer - 1]!,
    outDim,
  }));
}

/** The name of a layer's batch or layer norm, or of Dice's statistics. Batch norm is between two transpositions. */
export const normName = {
  batch: (layer: string): string => `${layer}.2`,
  layer: (layer: string): string => `${layer}.1`,
  dice: (layer: string, { batchNorm, layerNorm }: MlpSpec): string => `${layer}.${batchNorm ? 4 : layerNorm ? 2 : 1}`,
};

/** The batch norms of encoders, with their units and the view whose positions they see. */
export function encoderNorms(
  encoders: readonly EncoderPlan[],
): { readonly name: string; readonly units: number; readonly view: string }[] {
  return encoders.flatMap((encoder) =>
    attentionLayers(encoder).flatMap(({ name, mlp, outDim: units }) => [
      ...(mlp.batchNorm ? [{ name: normName.batch(name), units, view: encoder.view.name }] : []),
      ...(isDice(mlp) ? [{ name: `${normName.dice(name, mlp)}.bn`, units, view: encoder.view.name }] : []),
    ]),
  );
}
