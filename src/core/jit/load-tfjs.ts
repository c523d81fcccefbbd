/** Loads the parts of TF.js one by one, with pauses. Otherwise the first importer would load all of it at once. */
import { createRequire } from "node:module";
import { nextTurn } from "../util/turns.js";

export async function loadTfjs(): Promise<void> {
  const requirePiece = createRequire(__filename);
  for (const piece of ["core", "backend-cpu"]) {
    requirePiece(`@tensorflow/tfjs-${piece}`);
    await nextTurn();
  }
  await import("../tfjs/index.js");
  await nextTurn();
}
