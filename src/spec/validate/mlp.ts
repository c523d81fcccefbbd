/**
 * Validates a stack of layers: a tower's MLP or PPNet's layers.
 */
import { type Problem, SpecError } from "../../errors/index.js";
import { parseActivation } from "../layer/activations.js";
import type { MlpSpec } from "../mlp.js";
import { checkEach } from "./checks.js";
import { mostLayers } from "./limits.js";

/** All problems of an MLP at a path such as `towers.ctr.mlp`. */
export function mlpProblems(path: string, mlp: MlpSpec): Problem[] {
  const problems = layerProblems(path, mlp);
  if (mlp.hidden.length === 0) {
    problems.push({
      path: `${path}.hidden`,
      message: "an MLP without layers",
      received: "[]",
      expected: "hidden units, such as [256, 128, 64]",
    });
  }
  if (mlp.batchNorm && mlp.layerNorm) {
    problems.push({
      path,
      message: "batch norm and layer norm together",
      received: "batchNorm: true, layerNorm: true",
      expected: "one of the two",
    });
  }
  return problems;
}

/** Problems of hidden units, dropout and activation. */
export function layerProblems(
  path: string,
  layers: { readonly hidden: readonly number[]; readonly dropout: readonly number[]; readonly activation: string },
): Problem[] {
  if (layers.hidden.length > mostLayers) {
    const received = `${layers.hidden.length} layers`;
    return [{ path: `${path}.hidden`, message: "too many layers", received, expected: `at most ${mostLayers}` }];
  }
  return [
    ...checkEach(`${path}.hidden`, layers.hidden, { least: 1, integer: true }),
    ...dropoutProblems(`${path}.dropout`, layers.dropout, layers.hidden.length),
    ...activationProblems(`${path}.activation`, layers.activation),
  ];
}

function dropoutProblems(path: string, dropout: readonly number[], layers: number): Problem[] {
  const problems = checkEach(path, dropout, { least: 0, below: 1 });
  if (dropout.length > 1 && dropout.length !== layers) {
    problems.push({
      path,
      message: "wrong number of dropout ratios",
      received: `${dropout.length} ratios for ${layers} layers`,
      expected: `none, one for all layers, or ${layers}`,
      fix: `write one ratio, or one per layer`,
    });
  }
  return problems;
}

/** Parses the whole text with its arguments, exactly as the model will. */
function activationProblems(path: string, activation: string): readonly Problem[] {
  try {
    parseActivation(activation, path);
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
}
