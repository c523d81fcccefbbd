/** A view of an engine with other gammas of the gates. */
import type { Batch } from "../data/encoded/encoded.js";
import type { ModelSpec } from "../spec/model.js";
import type { Engine, GateGammas, ReadBatch } from "./engine.js";

/** The calls of an engine that do not train. */
export type ReadingEngine = Pick<Engine, "spec" | "predict" | "gates" | "attention" | "gradients">;

/** Returns a view of an engine that has the given gammas in its spec and uses them for predictions and gates. */
export function scaledEngine(engine: Engine, gammas: GateGammas): ReadingEngine {
  const scaled = (batch: Batch): ReadBatch => ({ ...batch, gammas });
  return {
    spec: scaledSpec(engine.spec, gammas),
    predict: (batch, overrides) => engine.predict(scaled(batch), overrides),
    gates: (batch) => engine.gates(scaled(batch)),
    attention: (batch) => engine.attention(scaled(batch)),
    gradients: (batch, choice) => engine.gradients(scaled(batch), choice),
  };
}

/** The spec with other gammas. @param gammas without one, or with `null`: the spec's */
export function scaledSpec(
  spec: ModelSpec,
  { epnet, ppnet }: { readonly [Module in keyof GateGammas]: GateGammas[Module] | null },
): ModelSpec {
  return {
    ...spec,
    epnet: { ...spec.epnet, gamma: epnet ?? spec.epnet.gamma },
    ppnet: { ...spec.ppnet, gamma: ppnet ?? spec.ppnet.gamma },
  };
}
