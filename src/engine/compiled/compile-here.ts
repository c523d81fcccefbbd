/** Compiles on this thread, where custom layers are, pausing between the traces and around the lowering. */
import type { Compiled } from "../../jit/compile.js";
import { loadTfjs } from "../../jit/load-tfjs.js";
import { type ProgramName, programSignature } from "../../nn/plan/inputs.js";
import type { Plan } from "../../nn/plan/plan.js";
import { inTurns } from "../../util/turns.js";

/** @throws EngineError with the operation that cannot be compiled, and the user's line. */
export async function compileHere(plan: Plan, program: ProgramName, training: boolean): Promise<Compiled> {
  await loadTfjs(); // in steps, before an importer would load it all at once
  const { compiling } = await import("../../jit/compile.js");
  const { makeProgram } = await import("../../nn/program.js");
  return inTurns(compiling(makeProgram(plan, program, training), programSignature(plan, program, training)));
}
