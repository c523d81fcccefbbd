/**
 * Parses hidden layer arguments of towers and PPNet.
 */
import { SpecError } from "../errors/index.js";
import type { MlpSpec } from "../spec/index.js";
import { defaultMlp } from "../spec/index.js";
import { checkOptions } from "./options.js";

/** Settings of the layers of a tower (TorchEasyRec `MLP`). */
export interface MlpOptions {
  /** Hidden units, if not passed as numbers: `mlp({ hidden: [256, 128] })`. */
  readonly hidden?: readonly number[];
  /** One ratio for all layers, or one per layer. */
  readonly dropout?: number | readonly number[];
  /** PyTorch's name. Default: `"nn.ReLU"`. */
  readonly activation?: string;
  /** Batch normalisation between each linear layer and its activation. Default: false. */
  readonly batchNorm?: boolean;
  /** Layer normalisation between each linear layer and its activation. Default: false. */
  readonly layerNorm?: boolean;
  /** Whether linear layers have a bias. Default: true. Batch norm removes it. */
  readonly bias?: boolean;
}

/** Returns the MLP of `mlp(256, 128, 64, { dropout: 0.1 })`. */
export function mlpSpec(path: string, layers: readonly (number | MlpOptions)[]): MlpSpec {
  const last = layers.at(-1);
  const options: MlpOptions = typeof last === "object" ? last : {};
  checkOptions(path, options, ["hidden", "dropout", "activation", "batchNorm", "layerNorm", "bias"]);
  const units = typeof last === "object" ? layers.slice(0, -1) : layers;
  const misplaced = units.findIndex((unit) => typeof unit !== "number");
  if (misplaced >= 0) {
    throw new SpecError({
      path,
      message: "hidden units must be numbers, followed by the options",
      received: JSON.stringify(layers),
      expected: "mlp(256, 128, 64) or mlp(256, 128, 64, { dropout: 0.1 })",
    });
  }
  if (units.length > 0 && options.hidden !== undefined) {
    throw new SpecError({
      path,
      message: "hidden units are passed twice",
      received: JSON.stringify(layers),
      expected: "either numbers or { hidden }",
    });
  }
  return {
    ...defaultMlp,
    hidden: options.hidden === undefined ? (units as readonly number[]) : [...options.hidden],
    dropout: ratios(options.dropout),
    activation: options.activation ?? defaultMlp.activation,
    batchNorm: options.batchNorm ?? defaultMlp.batchNorm,
    layerNorm: options.layerNorm ?? defaultMlp.layerNorm,
    bias: options.bias ?? defaultMlp.bias,
  };
}

/** One or several ratios as the list that specs contain. */
export function ratios(dropout: number | readonly number[] | undefined): readonly number[] {
  if (dropout === undefined) return [];
  return typeof dropout === "number" ? [dropout] : [...dropout];
}
