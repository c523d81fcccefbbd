/** The thread that traces and compiles programs. */
import { compile, type Flavour } from "../../jit/compile.js";
import { type ProgramName, programSignature } from "../../nn/plan/inputs.js";
import type { Plan } from "../../nn/plan/plan.js";
import { makeProgram } from "../../nn/program.js";
import { serveCalls } from "../../util/called-thread.js";
import { packError } from "./control.js";

export interface CompileQuestion {
  readonly plan: Plan;
  readonly program: ProgramName;
  readonly flavour: Flavour;
  readonly training: boolean;
}

serveCalls(
  ({ plan, program, flavour, training }: CompileQuestion) =>
    compile(makeProgram(plan, program, training), programSignature(plan, program, training), flavour),
  packError,
);
