/** The code that both threads use, and little else: no snapshot has the helper thread's modules. */
import { attempt } from "../../core/util/attempt.js";

export type LoopAnswer = "heard" | "later" | "ended";

export const loopBreakerName = "pepnet.kernel.endLoop";
const exposedInternals = "internal/test/binding";

export function internalBinding(name: "signal_wrap" | "async_wrap"): unknown {
  return withoutWarnings(() => {
    try {
      return (require(exposedInternals) as { internalBinding(name: string): unknown }).internalBinding(name);
    } catch {
      return attempt(() => (process as unknown as { binding(name: string): unknown }).binding(name), null);
    }
  });
}

export function withoutWarnings<Result>(work: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
