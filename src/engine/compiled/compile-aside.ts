/** In one separate thread: loading TF.js and tracing take 100 ms and more in a new process. */
import { EngineError } from "../../errors/index.js";
import type { Compiled } from "../../jit/compile.js";
import type { ProgramName } from "../../nn/plan/inputs.js";
import { type Plan, sendablePlan } from "../../nn/plan/plan.js";
import { AsideThread } from "../../util/called-thread.js";
import { workerFile } from "../../util/worker-file.js";
import type { CompileQuestion } from "./compile-worker.js";
import { type Failure, unpackError } from "./control.js";

const thread = new AsideThread<CompileQuestion, Compiled, Failure>({
  name: "pepnet-compiler",
  file: () => workerFile(__dirname, "compile-worker"),
  error: unpackError,
  ended: (cause) =>
    new EngineError({ path: "engine", message: `the compiler thread failed: ${cause.message}` }, { cause }),
});

/** Custom layers cannot be sent to a thread. @throws EngineError with the operation that cannot be compiled. */
export function compileAside(plan: Plan, program: ProgramName, training: boolean): Promise<Compiled> {
  return thread.call({ plan: sendablePlan(plan), program, training });
}
