/** Normalises TorchEasyRec's parameter names, which depend on the wrappers around the saved model. */
import type { Weight, Weights } from "../engine/index.js";
import { CheckpointError } from "../errors/index.js";

/** The modules at the start of a PEPNet's parameter names, after wrapper prefixes. */
const modules = /^(.*?)(?:embedding_group|epnet|ppnet|_task_tower)\./;
const modelPrefix = "model.";

/**
 * Returns the weights with the names of a checkpoint (`model.epnet.…`): replaces other prefixes, such as none or
 * `module.model.`. Names that are not of PEPNet parameters stay unchanged. Throws a CheckpointError if two names become
 * equal.
 */
export function underOwnNames(weights: Weights, place: string): Weights {
  const renamed = new Map<string, Weight>();
  for (const [name, weight] of weights) {
    const prefix = modules.exec(name)?.[1];
    const fresh = prefix === undefined ? name : modelPrefix + name.slice(prefix.length);
    if (renamed.has(fresh)) {
      const message = `two parameters are named ${JSON.stringify(fresh)} after removing their prefixes`;
      const fix = "remove one of the two models from the file";
      throw new CheckpointError({ path: `${place}: ${name}`, message, fix });
    }
    renamed.set(fresh, weight);
  }
  return renamed;
}
