/** TorchEasyRec's parameter names, whatever wrappers stood around the model when it was saved. */
import type { Weight, Weights } from "../engine/index.js";
import { CheckpointError } from "../errors/index.js";

/** The modules that a PEPNet's parameter names begin with, behind what wraps the model. */
const modules = /^(.*?)(?:embedding_group|epnet|ppnet|_task_tower)\./;
const own = "model.";

/**
 * The weights under the names of a checkpoint (`model.epnet.…`): other prefixes, such as none or `module.model.`, are
 * replaced. Names of no PEPNet's parameters stay as they are. Throws a CheckpointError where two become one.
 */
export function underOwnNames(weights: Weights, place: string): Weights {
  const renamed = new Map<string, Weight>();
  for (const [name, weight] of weights) {
    const prefix = modules.exec(name)?.[1];
    const fresh = prefix === undefined ? name : own + name.slice(prefix.length);
    if (renamed.has(fresh)) {
      const message = `two parameters are ${JSON.stringify(fresh)} behind their prefixes`;
      const fix = "leave one of the two models out of the file";
      throw new CheckpointError({ path: `${place}: ${name}`, message, fix });
    }
    renamed.set(fresh, weight);
  }
  return renamed;
}
