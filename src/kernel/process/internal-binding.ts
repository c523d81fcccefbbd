/**
 * Node internals without a public API: signals in a thread, and the stack of asynchronous contexts; null if this Node
 * does not expose them. The kernel starts with `--expose-internals`, which exposes them in every version; up to v22,
 * `process.binding` also does, for kernels installed without the option.
 */

const exposedInternals = "internal/test/binding";

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

/** Suppresses warnings about internal APIs that the kernel uses deliberately. */

export function withoutWarnings<Result>(work: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
