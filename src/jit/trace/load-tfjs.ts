/**
 * Loads TF.js in the pieces that its package loads at once: 80 ms become turns of at most 20. Without this it loads all
 * the same, when the first of its importers does.
 */
import { createRequire } from "node:module";
import { nextTurn } from "../../util/turns.js";

/** What `@tensorflow/tfjs` imports, in its order. */
const pieces = ["core", "layers", "converter", "data", "backend-cpu", "backend-webgl"];

/** Resolves when TF.js is loaded. */
export async function loadTfjs(): Promise<void> {
  const own = createRequire(require.resolve("@tensorflow/tfjs"));
  for (const piece of pieces) {
    own(`@tensorflow/tfjs-${piece}`);
    await nextTurn();
  }
  own("@tensorflow/tfjs");
  await nextTurn();
}
