/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" />
/**
 * TF.js as the model's language: its operations with their gradients, and the CPU backend. `@tensorflow/tfjs` would
 * bring 220 MB more, for browsers, layers and saved graphs.
 */
import "@tensorflow/tfjs-backend-cpu";
import path from "node:path";
import * as core from "@tensorflow/tfjs-core";
import { packageRoot } from "../util/files/package-root.js";
import { withoutGreeting } from "./without-greeting.js";

export * from "@tensorflow/tfjs-core";

require(path.join(packageRoot, "src", "tfjs", "autodiff.cjs"));
withoutGreeting(core);
