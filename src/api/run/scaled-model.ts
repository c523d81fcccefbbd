/** The trained weights with other gammas, as a model with an engine of its own. */
import type { ModelSpec, PpnetSpec } from "../../spec/model.js";
import { laterRunEngine, openEngine, type RunEngine } from "../training/engines.js";
import type { Subject } from "./options.js";
import type { DialGammas } from "./widget.js";

/** The parts of a run of the scaled model. */
export async function scaledModel(
  { spec, engine }: Subject,
  gammas: DialGammas,
): Promise<{ readonly spec: ModelSpec; readonly engine: RunEngine; readonly notes: readonly string[] }> {
  const { scaledSpec } = await import("../../engine/scaled-engine.js");
  const scaled = scaledSpec(spec, gammas);
  const { name, threads, weights } = await engine.use(async (running) => {
    return { name: running.name, threads: running.threads, weights: await running.weights() };
  });
  const open = () => openEngine(scaled, { engine: name, threads, weights, seed: spec.training.seed });
  const notes = ["the trained weights of another run, with its gates scaled: gamma was changed after training"];
  return { spec: scaled, engine: laterRunEngine(open, threads), notes };
}

interface GatedModel {
  epnet(options: { readonly gamma: number }): GatedModel;
  ppnet(options: PpnetSpec): GatedModel;
}

/** The model with other gammas. `M`: its type, which does not depend on them. */
export function withGammas<M>(model: M, { ppnet: layers }: ModelSpec, { epnet, ppnet }: DialGammas): M {
  const gated = model as unknown as GatedModel;
  const scaled = epnet === null ? gated : gated.epnet({ gamma: epnet });
  return (ppnet === null ? scaled : scaled.ppnet({ ...layers, gamma: ppnet })) as unknown as M;
}
