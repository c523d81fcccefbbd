import { type Compiled, compile } from "../../../jit/index.js";
import { makeProgram, type Plan, type ProgramName, programSignature } from "../../../nn/index.js";
import { serveCalls } from "../../../util/threads/called-thread.js";
import { packError } from "../workers/messages.js";

export interface CompileQuestion {
  readonly plan: Plan;
  readonly program: ProgramName;
  readonly training: boolean;
}

function compiled({ plan, program, training }: CompileQuestion): Compiled {
  const { inputs, sizes, products } = programSignature(plan, program, training);
  return compile(makeProgram(plan, program, training), inputs, sizes, products);
}

serveCalls(compiled, packError);
