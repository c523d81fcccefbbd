/** Compiles each of a plan's programs once: plans that differ only in gammas, rates and weights share a program. */
import { EngineError } from "../../errors/index.js";
import type { Compiled, Flavour } from "../../jit/compile.js";
import { loadTfjs } from "../../jit/load-tfjs.js";
import { type ProgramName, programSignature } from "../../nn/plan/inputs.js";
import { hasCustomLayer, type Plan, planModel, sendablePlan } from "../../nn/plan/plan.js";
import { type ModelSpec, towersPerTask } from "../../spec/model.js";
import { mostBatchRows } from "../../spec/training.js";
import { AsideThread } from "../../util/called-thread.js";
import { inTurns } from "../../util/turns.js";
import { workerFile } from "../../util/worker-file.js";
import { pieceRows } from "../core/sequences.js";
import type { CompileQuestion } from "./compile-worker.js";
import { type Failure, unpackError } from "./control.js";

/**
 * With at least this many towers per task, a step with one product for all chunks costs about as much as one with a
 * product per tower, or less (0.6 to 1.1 of the CPU time at 16, 0.7 to 0.9 at 30), and the program opens sooner.
 */
export const fewestChunkTowers = 16;

/** With fewer rows, small products cost more than they save; with more, too many places in chunks are unused. */
const chunkBounds = { least: 8, most: 64 };

/** The plan of the programs that this engine compiles. */
export function compiledPlan(spec: ModelSpec): Plan {
  const towers = towersPerTask(spec);
  if (towers < fewestChunkTowers) return planModel(spec);
  const rowsOfTower = Math.min(pieceRows, mostBatchRows(spec.training)) / towers;
  let chunkRows = chunkBounds.least;
  while (chunkRows < Math.min(rowsOfTower, chunkBounds.most)) chunkRows *= 2;
  return planModel(spec, { chunkRows });
}

const cache = new Map<string, Promise<Compiled>>();
let count = 0;

const capacity = 64;

/** Loading TF.js and tracing take 100 ms and more in a new process. Custom layers cannot be sent to a thread. */
const thread = new AsideThread<CompileQuestion, Compiled, Failure>({
  name: "pepnet-compiler",
  file: () => workerFile(__dirname, "compile-worker"),
  error: unpackError,
  ended: (cause) => new EngineError({ path: "engine", message: `the compiler thread failed: ${cause.message}`, cause }),
});

/** Compiles on this thread, where custom layers are, pausing between the traces and around the lowering. */
async function compileHere(plan: Plan, program: ProgramName, training: boolean): Promise<Compiled> {
  await loadTfjs(); // in steps, before an importer would load it all at once
  const { compiling } = await import("../../jit/compile.js");
  const { makeProgram } = await import("../../nn/program.js");
  return inTurns(compiling(makeProgram(plan, program, training), programSignature(plan, program, training)));
}

export function compilations(): number {
  return count;
}

/** The key that plans share if their variants can train together; `null` if this plan's operations cannot be joined. */
export async function groupKey(plan: Plan): Promise<string | null> {
  try {
    await compilePlan(plan, "train", "joined");
  } catch (error) {
    if ((error as Error).name === "NotJoinable") return null;
    throw error;
  }
  const names: readonly ProgramName[] = ["train", "predict", "probe", "gates", "attention", "gradients"];
  return JSON.stringify([plan.spec.training.batchSize, ...names.map((name) => structureKey(plan, name))]);
}

/** The compiled program of a plan. @throws EngineError with the operation that cannot be compiled. */
export async function compilePlan(
  plan: Plan,
  program: ProgramName,
  flavour: Flavour = "plain",
  training: boolean = program === "train",
): Promise<Compiled> {
  // A custom layer is a closure whose captured values may have changed, so it is traced each time.
  if (hasCustomLayer(plan)) return counted(compileHere(plan, program, training));
  const key = `${flavour} ${structureKey(plan, program, training)}`;
  const cachedProgram = cache.get(key);
  if (cachedProgram !== undefined) return cachedProgram;
  const compiled = counted(thread.call({ plan: sendablePlan(plan), program, flavour, training }));
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

/** A key of everything that determines the graph, without the values of inputs and the names of features and labels. */
function structureKey(plan: Plan, program: ProgramName, training: boolean = program === "train"): string {
  const { epnet, ppnet, towers, chunkRows, savings, spec } = plan;
  const tasks = plan.tasks.map(({ tower, restricted, everyRow, activation }) => ({
    restricted,
    everyRow,
    activation,
    losses: tower.losses,
    isTracked: tower.trainMetrics !== undefined,
    norm: [tower.mlp?.batchNorm ?? false, tower.mlp?.layerNorm ?? false],
  }));
  const signature = programSignature(plan, program, training);
  const encoders = plan.encoders.map(({ group, encoder: { extra: _, ...encoder } }) => [group, encoder]);
  const crosses = plan.layers.map(({ cross }) => cross);
  const structure = [crosses, epnet !== null, ppnet, towers, chunkRows, savings, tasks, spec.switches, encoders];
  return JSON.stringify([program, training, signature, ...structure]);
}
