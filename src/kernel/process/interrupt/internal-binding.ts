/**
 * Parts of Node that have no public door, or null where this Node does not give them: signals in a thread, and the
 * stack of asynchronous contexts. The kernel is started with `--expose-internals`, by which every version gives them;
 * up to v22 `process.binding` does so too, for kernels that are installed without the option.
 */
import { withoutWarnings } from "../without-warnings.js";

/** A module of Node's own, there with the option only. */
const exposedInternals = "internal/test/binding";

/** A part by name. */
export function internalBinding(name: "signal_wrap" | "async_wrap"): unknown {
  return withoutWarnings(() => {
    try {
      const { internalBinding: exposed } = require(exposedInternals) as {
        internalBinding(name: string): unknown;
      };
      return exposed(name);
    } catch {
      return fromProcess(name);
    }
  });
}

function fromProcess(name: string): unknown {
  try {
    return (process as unknown as { binding(name: string): unknown }).binding(name);
  } catch {
    return null;
  }
}
