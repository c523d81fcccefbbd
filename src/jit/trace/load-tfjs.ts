/**
 * Loads the parts of the TF.js package one by one: 80 ms are split into pauses of at most 20 ms. Without this, the
 * first importer loads all of it at once.
 */
import { createRequire } from "node:module";
import { nextTurn } from "../../util/turns.js";

/** The imports of `@tensorflow/tfjs`, in order. */
const pieces = ["core", "layers", "converter", "data", "backend-cpu", "backend-webgl"];

/** Resolves when TF.js is loaded. */
export async function loadTfjs(): Promise<void> {
  const requirePiece = createRequire(require.resolve("@tensorflow/tfjs"));
  for (const piece of pieces) {
    requirePiece(`@tensorflow/tfjs-${piece}`);
    await nextTurn();
  }
  requirePiece("@tensorflow/tfjs");
  await nextTurn();
}
