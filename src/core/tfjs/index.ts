/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" />
/**
 * TF.js's core with the CPU backend, and gradients. `@tensorflow/tfjs` would bring 220 MB more, for browsers and saved
 * graphs.
 */
import "@tensorflow/tfjs-backend-cpu";
import path from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import * as core from "@tensorflow/tfjs-core";
import { packageRoot } from "../util/files/package-root.js";

export * from "@tensorflow/tfjs-core";

require(path.join(packageRoot, "dist", "core", "tfjs", "autodiff.cjs"));
withoutGreeting(core);

/** Silences the backend, whether it runs already or starts later. */
function withoutGreeting(core: typeof tf): void {
  const silent = <T extends object>(backend: T): T => Object.assign(backend, { firstUse: false });
  const running = (core.engine().registry as Record<string, tf.KernelBackend>)["cpu"];
  const create = core.findBackendFactory("cpu");
  if (running) silent(running);
  else if (create) {
    core.removeBackend("cpu");
    core.registerBackend("cpu", () => silent(create() as tf.KernelBackend), 1);
  }
}
