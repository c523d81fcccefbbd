/** Compiles a plan's programs, each once: what differs in gammas, rates and weights only is the same program. */
import { type Compiled, compiling } from "../../jit/index.js";
import { type Plan, type ProgramName, programOf, signatureOf } from "../../nn/index.js";
import { inTurns, type Work } from "../../util/turns.js";

const cache = new Map<string, Promise<Compiled>>();
let count = 0;

/** Programs kept; the oldest makes room. */
const capacity = 64;

/** How many programs this process has compiled. */
export function compilations(): number {
  return count;
}

/**
 * The compiled program of a plan. This thread has turns between the traces and around the lowering.
 * @throws EngineError naming the operation that cannot be compiled.
 */
export async function compilePlan(
  plan: Plan,
  program: ProgramName,
  training: boolean = program === "train",
): Promise<Compiled> {
  const signature = signatureOf(plan, program, training);
  // A layer of the user's own is a closure: what it closes over may have changed since, so it is traced each time.
  const key = plan.layers.length > 0 ? null : structureKey(plan, program, training, signature);
  const known = key === null ? undefined : cache.get(key);
  if (known !== undefined) return known;
  const compiled = compileNow(compiling(programOf(plan, program, training), signature.inputs, signature.sizes));
  if (key === null) return compiled;
  if (cache.size >= capacity) cache.delete(cache.keys().next().value as string);
  cache.set(key, compiled);
  compiled.catch(() => cache.delete(key)); // it fails again with the same words
  return compiled;
}

async function compileNow(work: Work<Compiled>): Promise<Compiled> {
  const compiled = await inTurns(work);
  count++;
  return compiled;
}

/** Everything that decides the graph: not the values that are inputs of it, nor the names of features and labels. */
function structureKey(plan: Plan, program: ProgramName, training: boolean, signature: object): string {
  const { epnet, ppnet, towers, savings, spec } = plan;
  const tasks = plan.tasks.map(({ tower, restricted, everyRow, activation }) => ({
    restricted,
    everyRow,
    activation,
    losses: tower.losses,
    norm: [tower.mlp?.batchNorm ?? false, tower.mlp?.layerNorm ?? false],
  }));
  return JSON.stringify([program, training, signature, epnet !== null, ppnet, towers, savings, tasks, spec.switches]);
}
