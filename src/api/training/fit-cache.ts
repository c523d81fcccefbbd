/** `model.fit(data, { cache: true })`: takes an equal training that has finished before from the cache folder. */
import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { deserialize, serialize } from "node:v8";
import { CheckpointError, SpecError } from "../../core/errors/index.js";
import { cacheLine, notebookDisplay, noteSeed, runningCell } from "../../core/port/notebook.js";
import { customLayersOf } from "../../core/spec/layer.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { removeFiles } from "../../core/train/saved/folder.js";
import { runKind } from "../../core/train/saved/run.js";
import { attempt } from "../../core/util/attempt.js";
import { cacheFolder } from "../../core/util/files/cache-folder.js";
import { sha256 } from "../../core/util/files/checksums.js";
import { readText } from "../../core/util/files/read-whole.js";
import type { Json } from "../../core/util/json.js";
import { makeRoom, markUsed, writeCacheFile } from "../../core/util/write-whole.js";
import { bothHashes, canonical, codeHash, usersHash } from "../../lab/ablation/run-key.js";
import { type Dataset, type DatasetSource, dataset, resolveUsers } from "../data/dataset.js";
import { fittedSpec, heldOut } from "../data/held-out.js";
import { type AsRunModel, Run, type ShownTraining } from "../run/run.js";
import { savedRunParts } from "../run/saved-run.js";
import type { FitOptions } from "./engines.js";
import { showAgain } from "./fit.js";

/** Options that affect the result of a training, besides the rows, and that can be written as text. */
const keyed = [
  "steps",
  "epochs",
  "seed",
  "seeds",
  "earlyStopping",
  "evaluationsPerEpoch",
  "threads",
  "gates",
  "floor",
  "engine",
  "onNonFinite",
  "weightMap",
  "newDomains",
] as const satisfies readonly (keyof FitOptions)[];
/** Options without effect on the result, and those that are hashed separately: rows and weights. */
const others: readonly string[] = ["validation", "quiet", "signal", "cache", "weights"];

/** Runs beyond this number are removed, the least recently used first. */
const mostRuns = 30;
const extension = ".fit";

type Train<M> = (data: Dataset, options: FitOptions) => Promise<Run<M>>;

/** The run of an equal training, or that of `train`, which is stored in the cache if nothing interrupted it. */
export async function cachedFit<M>(
  spec: ModelSpec,
  asModel: AsRunModel<M>,
  source: DatasetSource,
  options: FitOptions,
  train: Train<M>,
): Promise<Run<M>> {
  assertCacheable(spec, options);
  const seed = options.seed ?? spec.training.seed;
  const data = await dataset(source);
  const sets = await heldOut({ ...spec, training: { ...spec.training, seed } }, data, options.validation);
  const key = await fitKey(spec, sets, options);
  const folder = path.join(cacheFolder(), "fits");
  const entry = await savedFit(folder, key);
  const { validation } = sets;
  if (entry !== null) {
    noteSeed("fit", seed);
    try {
      const { engine, threads } = options;
      const parts = await savedRunParts(path.join(folder, key), asModel, { engine, threads });
      const cell = options.quiet ? null : runningCell();
      const { notes, shown, ended: fromCache } = entry;
      const run = new Run({ ...parts, training: sets.train, validation, notes, shown, cell, key, fromCache });
      if (!options.quiet) await show(run);
      return run;
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error; // removed or damaged: trained again
    }
  }
  const { cache: _, ...rest } = options;
  const run = await train(data, rest);
  if (!run.interrupted) {
    await put(folder, key, run);
    run.storeReadings(key);
  }
  return run;
}

/** Shows the output of the training, and when it was stored. `notebook verify` does not compare that line. */
async function show({ shown, fromCache }: Run): Promise<void> {
  if (notebookDisplay() !== null) console.log(`${cacheLine} ${fromCache}`);
  for (const each of shown) await showAgain(each);
}

/** Changes with each row, option and version. */
async function fitKey(
  spec: ModelSpec,
  { train, validation }: { readonly train: Dataset; readonly validation: Dataset | null },
  options: FitOptions,
): Promise<string> {
  const fitted = await fittedSpec(spec, train);
  const encoded = await train.encode(fitted);
  const rows = { train: encoded, validation: validation === null ? encoded : await validation.encode(fitted) };
  const users = validation && (await resolveUsers(fitted, validation.table, undefined)).column;
  const parts = {
    code: codeHash(),
    spec: fitted,
    data: await bothHashes(rows),
    isValidated: validation !== null,
    users: usersHash(users),
    weights: weightsHash(options.weights),
    roles: [train.table.roles, validation?.table.roles ?? null],
    options: Object.fromEntries(keyed.map((name) => [name, options[name] ?? null])),
    cores: availableParallelism(),
  };
  return sha256(canonical(JSON.parse(JSON.stringify(parts)) as Json)).slice(0, 40);
}

function weightsHash(weights: FitOptions["weights"]): string | null {
  if (weights === undefined || typeof weights === "string") return null;
  const sums = [...weights].map(([name, { shape, data }]) => {
    return [name, shape, sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))] as const;
  });
  return sha256(JSON.stringify(sums));
}

function assertCacheable(spec: ModelSpec, options: FitOptions): void {
  const names = Object.keys(options).filter((name) => options[name as keyof FitOptions] !== undefined);
  const wrong = names.filter((name) => !others.includes(name) && !keyed.includes(name as (typeof keyed)[number]));
  if (customLayersOf(spec.layers ?? []).length > 0) wrong.push("a layer of your own");
  if (typeof options.weights === "string") wrong.push("a path of weights");
  if (wrong.length === 0) return;
  throw new SpecError({
    path: "fit: cache",
    message: "equal trainings are recognised by rows, model and plain options",
    received: wrong.join(", "),
    expected: [...keyed, "weights of run.weights()"].join(", "),
    fix: "leave out cache, or these",
  });
}

interface SavedFit {
  readonly notes: readonly string[];
  readonly shown: readonly ShownTraining[];
  /** The day and time, in UTC. */
  readonly ended: string;
}

async function savedFit(folder: string, key: string): Promise<SavedFit | null> {
  const file = path.join(folder, key + extension);
  const text = await readText(file, "text").catch(() => null);
  if (text === null) return null;
  markUsed(file);
  return attempt(() => deserialize(Buffer.from(text, "base64")) as SavedFit, null);
}

async function put(folder: string, key: string, run: Run): Promise<void> {
  try {
    await run.save(path.join(folder, key));
    const ended = new Date().toISOString().slice(0, 16).replace("T", " ");
    const saved: SavedFit = { notes: run.notes, shown: run.shown, ended };
    writeCacheFile(folder, key + extension, serialize(saved).toString("base64"));
    for (const old of beyond(folder)) await removeFiles(path.join(folder, old), runKind);
    makeRoom(folder, { extension, isOwn: () => true }, { files: mostRuns });
  } catch {
    // Without an entry, it is trained again.
  }
}

/** The keys of all but the runs that were used last. */
function beyond(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(extension));
  const used = files.map(
    (name) => [name.slice(0, -extension.length), statSync(path.join(folder, name)).mtimeMs] as const,
  );
  return used
    .sort(([, a], [, b]) => b - a)
    .slice(mostRuns)
    .map(([key]) => key);
}
