import type {
  AttentionValues,
  EmbeddingValues,
  EngineState,
  GateValues,
  StepResult,
  TowerOutput,
  Weight,
} from "../../engine.js";

export function joinOutputs(parts: readonly (readonly TowerOutput[])[]): TowerOutput[] {
  return join(parts, (outputs) => ({
    tower: outputs[0]!.tower,
    logits: concat(outputs.map((output) => output.logits)),
    probabilities: concat(outputs.map((output) => output.probabilities)),
  }));
}

export function joinGates(parts: readonly (readonly GateValues[])[]): GateValues[] {
  return join(parts, (gates) => ({
    ...gates[0]!,
    values: concat(gates.map((gate) => gate.values)),
  }));
}

export function joinAttention(parts: readonly (readonly AttentionValues[])[]): AttentionValues[] {
  return join(parts, (weights) => ({ ...weights[0]!, values: concat(weights.map(({ values }) => values)) }));
}

export function joinEmbeddings(parts: readonly EmbeddingValues[]): EmbeddingValues {
  const { dim } = parts[0]!;
  return { dim, before: concat(parts.map(({ before }) => before)), after: concat(parts.map(({ after }) => after)) };
}

export function joinSteps(parts: readonly StepResult[]): StepResult {
  const first = parts[0]!;
  if (first.gradientNorm === null) return first;
  return { ...first, gradientNorm: Math.hypot(...parts.map(({ gradientNorm }) => gradientNorm ?? 0)) };
}

export function joinStates(parts: readonly EngineState[]): EngineState {
  const slots = new Map<string, Weight>(parts.flatMap((part) => [...part.slots]));
  const { step, weights } = parts[0]!;
  return { step, weights, slots };
}

function join<T>(parts: readonly (readonly T[])[], make: (same: readonly T[]) => T): T[] {
  const [first, ...others] = parts as [readonly T[], ...(readonly T[])[]];
  if (others.length === 0) return [...first];
  return first.map((_, index) => make(parts.map((part) => part[index] as T)));
}

function concat(arrays: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
