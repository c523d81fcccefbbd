/**
 * Parts of Node that have no public door, or null where this Node does not give them: signals in a thread, and the
 * stack of asynchronous contexts. Marked deprecated by Node since v10, and there in every version since.
 */

/** A part by name. */
export function internalBinding(name: "signal_wrap" | "async_wrap"): unknown {
  const before = process.noDeprecation;
  try {
    process.noDeprecation = true; // else a warning would appear in the notebook
    return (process as unknown as { binding(name: string): unknown }).binding(name);
  } catch {
    return null;
  } finally {
    if (before === undefined) Reflect.deleteProperty(process, "noDeprecation");
    else process.noDeprecation = before;
  }
}
