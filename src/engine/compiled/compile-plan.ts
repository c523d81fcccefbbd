/** Compiles each of a plan's programs once: plans that differ only in gammas, rates and weights share a program. */
import type { Compiled } from "../../jit/compile.js";
import { type ProgramName, programSignature } from "../../nn/plan/inputs.js";
import type { Plan } from "../../nn/plan/plan.js";
import { compileAside } from "./compile-aside.js";

const cache = new Map<string, Promise<Compiled>>();
let count = 0;

const capacity = 64;

export function compilations(): number {
  return count;
}

/** The compiled program of a plan. @throws EngineError with the operation that cannot be compiled. */
export async function compilePlan(
  plan: Plan,
  program: ProgramName,
  training: boolean = program === "train",
): Promise<Compiled> {
  // A custom layer is a closure whose captured values may have changed, so it is traced each time.
  if (plan.layers.length > 0) {
    const { compileHere } = await import("./compile-here.js");
    return counted(compileHere(plan, program, training));
  }
  const key = structureKey(plan, program, training);
  const cachedProgram = cache.get(key);
  if (cachedProgram !== undefined) return cachedProgram;
  const compiled = counted(compileAside(plan, program, training));
  if (cache.size >= capacity) cache.delete(cache.keys().next().value!);
  cache.set(key, compiled);
  compiled.catch(() => cache.delete(key)); // compiling again returns the same error
  return compiled;
}

async function counted(compiling: Promise<Compiled>): Promise<Compiled> {
  const compiled = await compiling;
  count++;
  return compiled;
}

/** Everything that determines the graph: not the values of its inputs, nor the names of features and labels. */
function structureKey(plan: Plan, program: ProgramName, training: boolean): string {
  const { epnet, ppnet, towers, savings, spec } = plan;
  const tasks = plan.tasks.map(({ tower, restricted, everyRow, activation }) => ({
    restricted,
    everyRow,
    activation,
    losses: tower.losses,
    norm: [tower.mlp?.batchNorm ?? false, tower.mlp?.layerNorm ?? false],
  }));
  const signature = programSignature(plan, program, training);
  const encoders = plan.encoders.map(({ group, encoder: { extra: _, ...encoder } }) => [group, encoder]);
  const structure = [epnet !== null, ppnet, towers, savings, tasks, spec.switches, encoders];
  return JSON.stringify([program, training, signature, ...structure]);
}
