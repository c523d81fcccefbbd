/**
 * Files of weights. A file in the folder of a run is verified by the folder's list, as when the run is loaded.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Weights } from "../../engine/index.js";
import { CheckpointError } from "../../errors/index.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { fileProblem, readText, readWhole } from "../../util/files/read-whole.js";
import { missingList } from "./folder/errors.js";
import { assertListed, isUnlistedForm, parsed, readManifest } from "./folder/read-folder.js";
import { runKind } from "./run.js";
import { decodeSafetensors, safetensorsPieces } from "./safetensors.js";

/**
 * Reads a safetensors file.
 * @throws CheckpointError like {@link decodeSafetensors}, or if it is missing, not a regular file, larger than half
 * of the memory, or differs from the list of its folder; the signal's reason if that aborts
 */
export async function readSafetensors(file: string, signal?: AbortSignal): Promise<Weights> {
  const bytes = await readWhole(file, "weights", signal).catch((cause: unknown) => {
    throw new CheckpointError(
      { path: file, fix: "check the path", ...fileProblem(cause, "cannot read the weights") },
      { cause },
    );
  });
  await assertListedBeside(file, bytes);
  return decodeSafetensors(bytes, file);
}

/** Writes weights as a safetensors file. @throws CheckpointError if it cannot be written */
export async function writeSafetensors(file: string, weights: Weights): Promise<void> {
  await writeFileWhole(file, safetensorsPieces(weights)).catch((cause: Error) => {
    const fix = "check that the folder exists and is writable";
    throw new CheckpointError(
      { path: file, message: "cannot write the weights", received: cause.message, fix },
      { cause },
    );
  });
}

/** Standalone weights have no list, nor do those of a run of format version 1; any other run has one. */
async function assertListedBeside(file: string, bytes: Uint8Array): Promise<void> {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  const list = await readManifest(folder);
  if (list?.has(name)) return assertListed(file, bytes, list.get(name));
  if (!runKind.files.includes(name)) return;
  const identity = await readText(path.join(folder, runKind.identity), "text").catch(() => "");
  if (parsed(identity)?.["format"] !== runKind.format || isUnlistedForm(identity, runKind)) return;
  if (list !== null) assertListed(file, bytes, undefined);
  throw missingList(folder, runKind, await readdir(folder));
}
