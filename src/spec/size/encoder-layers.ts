/**
 * The layers of sequence encoders: what their sizes are computed from.
 */
import type { EncoderPart } from "../feature/sequence/encoder-part.js";
import type { MlpSpec } from "../mlp.js";

/** A fully connected layer of an encoder. */
export interface EncoderLayer {
  readonly inDim: number;
  readonly outDim: number;
  readonly bias: boolean;
}

/** What an encoder computes for each position. */
export interface EncoderLayers {
  readonly layers: readonly EncoderLayer[];
  /** Trained parameters outside the layers. */
  readonly extra: number;
  /** Positions of a full sequence. */
  readonly positions: number;
}

/** The layers of an encoder. */
export function encoderLayers({ encoder, input }: EncoderPart): EncoderLayers {
  const { width } = input;
  const positions = mostPositions({ encoder, input });
  switch (encoder.kind) {
    case "din":
      return { ...scoring(encoder.mlp, 4 * width), positions };
    case "multi_window_din": {
      const { layers, extra } = scoring(encoder.mlp, 3 * width);
      return { layers, extra: extra + 1, positions };
    }
    case "self_attention": {
      const outer = { inDim: width, outDim: encoder.dim, bias: true };
      const inner = { inDim: encoder.dim, outDim: encoder.dim, bias: true };
      return { layers: [outer, outer, outer, inner, inner, inner, inner], extra: 0, positions };
    }
    default:
      return { layers: [], extra: 0, positions };
  }
}

/** The layers of an MLP, and the last one with one output. */
function scoring({ hidden, bias, batchNorm, layerNorm, activation }: MlpSpec, inDim: number) {
  const dims = [inDim, ...hidden];
  const hasBias = bias && !batchNorm;
  const layers = hidden.map((outDim, layer) => ({ inDim: dims[layer]!, outDim, bias: hasBias }));
  const units = hidden.reduce((sum, count) => sum + count, 0);
  const perUnit = (batchNorm || layerNorm ? 2 : 0) + (activation === "Dice" ? 1 : 0);
  return { layers: [...layers, { inDim: dims.at(-1)!, outDim: 1, bias: true }], extra: perUnit * units };
}

function mostPositions({ encoder, input }: Pick<EncoderPart, "encoder" | "input">): number {
  if (encoder.kind === "multi_window_din") return encoder.windows.reduce((sum, window) => sum + window, 0);
  if (encoder.maxLength > 0) return encoder.maxLength;
  const [first] = input.sequence;
  return first === undefined || first.kind === "other" ? 1 : Math.max(1, first.sequence?.length ?? 1);
}
