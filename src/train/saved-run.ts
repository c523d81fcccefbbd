/**
 * A run on disk: a folder with `spec.json`, `weights.safetensors`, `history.json` and `run.json`, written beside its
 * place and moved there in one rename, so that a reader never sees half of one.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Weights } from "../engine/engine.js";
import { CheckpointError } from "../errors/index.js";
import type { Evaluation } from "../metrics/types.js";
import type { ModelSpec } from "../spec/index.js";
import { deepFreeze } from "../util/freeze.js";
import type { History } from "./history.js";
import { encodeSafetensors, readSafetensors } from "./safetensors.js";

/** What a saved run holds. */
export interface SavedRun {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly history: History;
  readonly evaluation: Evaluation | null;
}

const format = "pepnet-run";
const formatVersion = 1;

/**
 * Writes a run into a folder; an earlier run there is replaced as a whole.
 *
 * @param files more files of the same write, by name
 * @throws CheckpointError where the folder holds something that is not a run, or cannot be written.
 */
export async function saveRun(
  folder: string,
  run: SavedRun,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<void> {
  const place = path.resolve(folder);
  await assertReplaceable(place);
  const fresh = `${place}.writing-${process.pid}`;
  const old = `${place}.replaced-${process.pid}`;
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    const json = (name: string, value: unknown): Promise<void> =>
      writeFile(path.join(fresh, name), `${JSON.stringify(value, null, 1)}\n`);
    await json("spec.json", run.spec);
    await json("history.json", run.history);
    await json("run.json", { format, formatVersion, evaluation: run.evaluation });
    await writeFile(path.join(fresh, "weights.safetensors"), encodeSafetensors(run.weights));
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(fresh, name), content);
    const replaced = await rename(place, old).then(
      () => true,
      () => false,
    );
    await rename(fresh, place);
    if (replaced) await rm(old, { recursive: true, force: true });
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    throw new CheckpointError(
      {
        path: folder,
        message: "cannot save the run",
        received: String((cause as Error).message),
        fix: "check the folder's rights and the free space",
      },
      { cause },
    );
  }
}

/**
 * Tidies up after a process that was killed while it saved a run: an earlier run that was moved aside comes back where
 * nothing took its place, and halves are removed. No other process may be saving there.
 */
export async function recoverRun(folder: string): Promise<void> {
  const place = path.resolve(folder);
  const beside = path.dirname(place);
  const names = await readdir(beside).catch(() => [] as string[]);
  const left = (kind: string): string[] =>
    names
      .filter((name) => name.startsWith(`${path.basename(place)}.${kind}-`) && /-\d+$/.test(name))
      .map((name) => path.join(beside, name));
  const [aside] = left("replaced");
  if (aside !== undefined && !names.includes(path.basename(place))) await rename(aside, place);
  for (const half of [...left("writing"), ...left("replaced")]) await rm(half, { recursive: true, force: true });
}

/**
 * Reads a saved run.
 *
 * @throws CheckpointError where the folder is missing, not a run, or damaged.
 */
export async function readRun(folder: string): Promise<SavedRun> {
  const run = (await readJson(folder, "run.json")) as {
    format?: string;
    formatVersion?: number;
    evaluation: Evaluation | null;
  };
  if (run.format !== format || run.formatVersion !== formatVersion) {
    throw new CheckpointError({
      path: path.join(folder, "run.json"),
      message: "not a run that this version reads",
      received: `${run.format} version ${run.formatVersion}`,
      expected: `${format} version ${formatVersion}`,
      fix: "save it again with the version that wrote it, or update pepnet",
    });
  }
  return {
    spec: deepFreeze((await readJson(folder, "spec.json")) as ModelSpec),
    history: (await readJson(folder, "history.json")) as History,
    evaluation: run.evaluation,
    weights: await readSafetensors(path.join(folder, "weights.safetensors")),
  };
}

/** Reads one of a run's files. @throws CheckpointError where it is missing or damaged. */
export async function readJson(folder: string, name: string): Promise<unknown> {
  const file = path.join(folder, name);
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new CheckpointError(
      {
        path: file,
        message: "cannot read the run",
        received: String((cause as Error).message),
        expected: "a folder that run.save() wrote",
        fix: "check the path",
      },
      { cause },
    );
  }
}

/** A folder may be replaced where it is absent, empty, or a run. @throws CheckpointError where it is none of these. */
export async function assertReplaceable(place: string): Promise<void> {
  const entries = await readdir(place).catch(() => [] as string[]);
  if (entries.length === 0 || entries.includes("run.json")) return;
  throw new CheckpointError({
    path: place,
    message: "the folder holds something that is not a saved run; nothing was overwritten",
    received: entries.slice(0, 5).join(", "),
    expected: "a new folder, or one that run.save() wrote",
    fix: "choose another folder",
  });
}
