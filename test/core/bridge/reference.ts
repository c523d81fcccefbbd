/**
 * A PEPNet's predictions from a row's values and weights under TorchEasyRec's names, in plain float64 loops that share
 * nothing with the engines: what TorchEasyRec's page of PEPNet says, for `golden/whole-run`.
 */
import type { Weights } from "../../../src/core/engine/engine.js";
import type { Row } from "../../../src/index.js";

type Vector = readonly number[];
const relu = (x: number): number => Math.max(0, x);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The sizes of a model, the row's domain, and what sequence encoders add to the group `all`. */
interface ModelSizes {
  readonly layers: number;
  readonly tasks: number;
  readonly domains: number;
  readonly domain: number;
  readonly encoded?: Vector;
}

/**
 * DIN's result for one row: the weighted sum of positions, by softmax of mlp([q, s, q − s, q · s]).
 * @param prefix of the encoder's parameters
 */
export function dinBy(weights: Weights, prefix: string, query: Vector, positions: readonly Vector[]): number[] {
  const values = (name: string) => weights.get(`${prefix}.${name}`)!;
  const linear = (name: string, x: Vector): number[] => {
    const { shape, data } = values(`${name}.weight`);
    const bias = values(`${name}.bias`).data;
    return Array.from({ length: shape[0] as number }, (_, out) =>
      x.reduce((sum, value, i) => sum + value * (data[out * x.length + i] as number), bias[out] as number),
    );
  };
  const scores = positions.map((s) => {
    let hidden: number[] = [...query, ...s, ...query.map((q, i) => q - s[i]!), ...query.map((q, i) => q * s[i]!)];
    for (let layer = 0; weights.has(`${prefix}.mlp.mlp.${layer}.perceptron.0.weight`); layer++) {
      hidden = linear(`mlp.mlp.${layer}.perceptron.0`, hidden).map(relu);
    }
    return linear("linear", hidden)[0] as number;
  });
  const factors = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const total = factors.reduce((sum, factor) => sum + factor, 0);
  return query.map((_, i) => positions.reduce((sum, s, at) => sum + (s[i]! * factors[at]!) / total, 0));
}

/** [P(tower)] of each task for a row of domain `domain`, of a model whose gammas are 2. */
export function predictedBy(
  weights: Weights,
  row: Row,
  groups: Readonly<Record<"all" | "domain" | "uia", readonly string[]>>,
  { layers, tasks, domains, domain, encoded = [] }: ModelSizes,
): number[] {
  const linear = (name: string, x: Vector): number[] => {
    const { shape, data } = weights.get(`model.${name}.weight`)!;
    const bias = weights.get(`model.${name}.bias`)!.data;
    return Array.from({ length: shape[0] as number }, (_, out) =>
      x.reduce((sum, value, i) => sum + value * (data[out * x.length + i] as number), bias[out] as number),
    );
  };
  const gate = (name: string, x: Vector): number[] => {
    const hidden = linear(`${name}.dense_layers.0`, x).map(relu);
    return linear(`${name}.dense_layers.2`, hidden).map((value) => 2 * sigmoid(value));
  };
  const embedded = (feature: string): number[] => {
    const table = weights.get(`model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.${feature}_emb.weight`);
    const value = Number(row[feature]);
    if (table === undefined) return [value];
    const dim = table.shape[1] as number;
    return [...table.data.subarray(value * dim, (value + 1) * dim)];
  };
  const group = (name: keyof typeof groups): number[] => groups[name].flatMap(embedded);
  const times = (a: Vector, b: Vector): number[] => a.map((value, i) => value * (b[i] as number));

  const all = [...group("all"), ...encoded];
  const ep = times(gate("epnet.gate_nu", [...group("domain"), ...all]), all);
  return Array.from({ length: tasks }, (_, task) => {
    let hidden: number[] = ep;
    for (let layer = 0; layer < layers; layer++) {
      const at = task * layers + layer;
      const open = gate(`ppnet.gate_nus.${at}`, [...group("uia"), ...ep]);
      hidden = times(linear(`ppnet.linears.${at}`, hidden).map(relu), open);
    }
    const tower = `_task_tower.${task * domains + domain}`;
    for (let layer = 0; weights.has(`model.${tower}.tower_mlp.mlp.${layer}.perceptron.0.weight`); layer++) {
      hidden = linear(`${tower}.tower_mlp.mlp.${layer}.perceptron.0`, hidden).map(relu);
    }
    return sigmoid(linear(`${tower}.linear`, hidden)[0] as number);
  });
}
