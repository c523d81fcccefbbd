/** Keeps TF.js's CPU backend from printing a greeting at its first write, which a library should not. */
import type * as tf from "@tensorflow/tfjs-core";

/** Silences the backend, whether it runs already or starts later. */
export function withoutGreeting(core: typeof tf): void {
  const silent = <T extends object>(backend: T): T => Object.assign(backend, { firstUse: false });
  const running = (core.engine().registry as Record<string, tf.KernelBackend>)["cpu"];
  const create = core.findBackendFactory("cpu");
  if (running) silent(running);
  else if (create) {
    core.removeBackend("cpu");
    core.registerBackend("cpu", () => silent(create() as tf.KernelBackend), 1);
  }
}
