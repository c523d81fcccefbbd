/** Runs compiled programs on this thread: for parity checks, which need no other work on it. */
import { compilePlan } from "../src/core/engine/compiled/compile-plan.js";
import { createSession, type Session } from "../src/core/engine/compiled/ort-session.js";
import type { Runner } from "../src/core/engine/core/outputs.js";
import type { Plan } from "../src/core/nn/plan/plan.js";

export interface OwnRunner extends Runner {
  dispose(): Promise<void>;
}

/** A runner whose programs use batch statistics where `training`. */
export function inlineRunner(plan: Plan, training: boolean): OwnRunner {
  const sessions = new Map<string, Session>();
  return {
    async run(name, inputs) {
      let session = sessions.get(name);
      if (session === undefined) {
        session = await createSession(await compilePlan(plan, name, "plain", training), 1);
        sessions.set(name, session);
      }
      return session.run(inputs);
    },
    async dispose() {
      for (const session of sessions.values()) await session.release();
    },
  };
}
