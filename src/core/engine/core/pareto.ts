/**
 * Weights of losses by their gradients, as TorchEasyRec's `use_pareto_loss_weight` (Lin et al., RecSys 2019): the
 * weights w, of sum 1, for which the gradient of Σ w · loss is shortest, moved to the nearest ones that are not below
 * the least weights.
 */
import { lossWeightInputs } from "../../nn/plan/inputs.js";
import type { Plan } from "../../nn/plan/plan.js";
import { dot, sum } from "../../util/numbers.js";
import { scalar } from "./inference.js";
import type { RunInputs } from "./outputs.js";
import { addInto } from "./simd.js";

type Outputs = ReadonlyMap<string, Float32Array>;

/** Runs a step once for each loss, and joins the gradients by the weights that follow from those of `measured`. */
export async function paretoOutputs(
  plan: Plan,
  { feeds, sizes }: RunInputs,
  run: (inputs: RunInputs) => Promise<Outputs>,
  measured: (outputs: Outputs) => readonly Float32Array[],
): Promise<{ readonly outputs: Outputs; readonly weights: readonly number[] }> {
  const names = lossWeightInputs(plan);
  const results: Outputs[] = [];
  for (const name of names) {
    const weights = names.map((each) => [each, scalar(each === name ? 1 : 0)] as const);
    results.push(await run({ feeds: new Map([...feeds, ...weights]), sizes }));
  }
  const gradients = results.map(measured);
  const least = plan.tasks.flatMap(({ tower }) => tower.losses.map(() => tower.minWeight ?? 0));
  const products = gradients.map((one) =>
    gradients.map((other) => sum(one.map((values, k) => dot(values, other[k]!)))),
  );
  const weights = paretoWeights(products, least);
  // Everything but the gradients is the same in each result.
  const outputs = new Map(results[0]);
  for (const name of new Set(results.flatMap((result) => [...result.keys()]))) {
    if (!name.startsWith("grad:")) continue;
    const [first] = results.flatMap((result) => result.get(name) ?? []);
    const joined = new Float32Array(first!.length);
    results.forEach((result, loss) => {
      const gradient = result.get(name);
      if (gradient !== undefined) addInto(joined, gradient, weights[loss]!);
    });
    outputs.set(name, joined);
  }
  return { outputs, weights };
}

/**
 * The weights of losses.
 * @param products of each loss's gradient with each other's
 * @param least smallest weights, of a sum below 1
 */
export function paretoWeights(products: readonly (readonly number[])[], least: readonly number[]): number[] {
  const rest = 1 - sum(least);
  // Equal gradients have no unique best weights; adding to the diagonal makes them equal.
  const trace = sum(products.map((row, k) => row[k]!)) || 1;
  const matrix = products.map((row, k) => row.map((value, l) => value + (k === l ? 1e-10 * trace : 0)));
  const ones = solve(
    matrix,
    least.map(() => 1),
  );
  const held = solve(
    matrix,
    products.map((row) => sum(row.map((value, l) => value * least[l]!))),
  );
  const slope = (rest + sum(held)) / sum(ones);
  return toSimplex(
    ones.map((value, k) => slope * value - held[k]!),
    rest,
  ).map((value, k) => value + least[k]!);
}

/** The nearest point with a sum and without negative numbers (Duchi et al., ICML 2008). */
function toSimplex(point: readonly number[], total: number): number[] {
  let [before, shift] = [0, 0];
  for (const [place, value] of [...point].sort((a, b) => b - a).entries()) {
    before += value;
    const next = (before - total) / (place + 1);
    if (value > next) shift = next;
  }
  return point.map((value) => Math.max(0, value - shift));
}

/** Gaussian elimination of a symmetric positive definite matrix. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, k) => [...row, right[k]!]);
  rows.forEach((pivot, k) => {
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = row[k]! / pivot[k]!;
      for (let column = k; column < pivot.length; column++) row[column] = row[column]! - factor * pivot[column]!;
    }
  });
  return rows.map((row, k) => row.at(-1)! / row[k]!);
}
