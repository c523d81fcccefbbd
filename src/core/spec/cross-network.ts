/** A low-rank cross network (DCN-V2) between the embeddings and EPNet: plain data, and the parameters that it has. */
import { SpecError } from "../errors/index.js";
import { type OptionsOf, optionProblems, positive, number as ranged } from "./option.js";
import { checkOptions } from "./validate/checks.js";

/** A layer made by `crossNetwork(…)` of `pepnet/nn`. A saved run contains all of it. */
export interface CrossNetwork {
  readonly kind: "cross";
  /** Also part of its parameters' names. */
  readonly name: string;
  readonly rank: number;
  readonly layers: number;
}

/** The sizes of a cross network. */
export interface CrossNetworkOptions {
  /** Columns of U and V: 32 by default. With the input's width or more, U Vᵀ is any matrix. */
  readonly rank?: number;
  /** 2 by default: products of up to three columns. */
  readonly layers?: number;
  /** Also part of its parameters' names, `model.layers.{name}.{layer}.down.weight`. Default: `"cross"`. */
  readonly name?: string;
}

export const crossOptions: OptionsOf<Pick<CrossNetwork, "rank" | "layers">> = {
  rank: ranged(positive),
  layers: ranged(positive),
};

/**
 * The low-rank cross network of DCN-V2 (Wang et al., WWW 2021, equation 2), for `model.layer(…)`: each layer maps
 * [rows, width] to x₀ ⊙ (U Vᵀ x + b) + x, where x₀ is the network's input. EPNet gates its output. U and b start at 0, so
 * an untrained network returns its input. Each row is computed independently of the other rows.
 * Throws a SpecError for an unknown option, or a size that is not a positive integer.
 * @example
 * import { crossNetwork } from "pepnet/nn";
 * const run = await model.layer(crossNetwork({ rank: 32, layers: 2 })).fit(data);
 */
export function crossNetwork(options: CrossNetworkOptions = {}): CrossNetwork {
  checkOptions("crossNetwork", options, ["rank", "layers", "name"]);
  const { rank = 32, layers = 2, name = "cross" } = options;
  const network: CrossNetwork = Object.freeze({ kind: "cross", name, rank, layers });
  const problems = optionProblems("crossNetwork", network, crossOptions);
  if (problems.length > 0) throw new SpecError(problems);
  return network;
}

/** Vᵀ (`down`), U (`up`) and b of each layer, by name. */
export function crossParameters(
  { rank, layers }: CrossNetwork,
  width: number,
): Readonly<Record<string, { readonly shape: readonly number[]; readonly init?: number }>> {
  const ofLayer = (layer: number) =>
    [
      [`${layer}.down.weight`, { shape: [rank, width] }],
      [`${layer}.up.weight`, { shape: [width, rank], init: 0 }],
      [`${layer}.up.bias`, { shape: [width] }],
    ] as const;
  return Object.fromEntries(Array.from({ length: layers }, (_, layer) => ofLayer(layer)).flat());
}
