/**
 * Plans of registered studies in a folder: written before the first run, sealed by a hash, and compared when a study
 * continues.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { DataError, type Problem } from "../../core/errors/index.js";
import { sha256 } from "../../core/util/files/checksums.js";
import { makeFolders } from "../../core/util/files/make-folders.js";
import { isObject, type Json, type JsonObject } from "../../core/util/json.js";
import { writeFileWhole } from "../../core/util/write-whole.js";
import type { StudyPlan } from "./ablate.js";
import { effectiveSpec } from "./effective-spec.js";
import { bothHashes, canonical, usersHash } from "./run-key.js";
import { type PlanExploration, type StudyGround, StudyRunner } from "./study.js";

const planFile = "plan.json";
const explorationsFile = "explorations.json";

/**
 * Reads the registration in the folder; `null` if there is none.
 * @throws DataError if it was changed or is unreadable
 */
export async function readRegistration(folder: string): Promise<Registration | null> {
  const file = path.join(folder, planFile);
  const content = await readJson(file);
  if (content === undefined) return null;
  if (!isObject(content)) throw unreadable(file, "not a registered plan");
  const { seal, ...registration } = content as unknown as Registration & { readonly seal?: string };
  if (seal === sealOf(registration)) return registration;
  throw new DataError({
    path: file,
    message: "the plan was changed after it was registered",
    received: "other content than was written",
    expected: "the file as it was written",
    fix: "restore the file, or plan in another folder",
  });
}

export async function writeRegistration(folder: string, registration: Registration): Promise<void> {
  await write(folder, planFile, { ...registration, seal: sealOf(registration) });
}

/** Variants that were explored after the plan, oldest first. */
export async function readExplorations(folder: string): Promise<readonly PlanExploration[]> {
  const file = path.join(folder, explorationsFile);
  const content = await readJson(file);
  if (content === undefined) return [];
  if (Array.isArray(content) && content.every((one) => isObject(one) && Array.isArray(one["variants"]))) {
    return content as readonly PlanExploration[];
  }
  throw unreadable(file, "not a list of explorations");
}

export async function addExploration(folder: string, variants: readonly string[]): Promise<void> {
  const explorations = await readExplorations(folder);
  if (explorations.some((one) => one.variants.join("\n") === variants.join("\n"))) return;
  await write(folder, explorationsFile, [...explorations, { time: new Date().toISOString(), variants }]);
}

function sealOf(registration: Registration): string {
  return sha256(canonical(registration as unknown as Json));
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw unreadable(file, error.message);
  });
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
}

function unreadable(file: string, reason: string): DataError {
  const fix = "restore the file, or plan in another folder";
  return new DataError({ path: file, message: "cannot be read", received: reason, fix });
}

async function write(folder: string, name: string, content: unknown): Promise<void> {
  const file = path.join(folder, name);
  try {
    makeFolders(folder);
    await writeFileWhole(file, `${JSON.stringify(content, null, 1)}\n`);
  } catch (error) {
    const fix = "choose a folder that can be written";
    throw new DataError({ path: file, message: "cannot be written", received: (error as Error).message, fix });
  }
}

export interface Registration {
  readonly question: string;
  readonly registered: string;
  /** The number of runs that were cached before the plan, whose results may have been seen. */
  readonly runsBefore: number;
  /** A hash per variant of everything it computes, the seeds, and the settings that numbers depend on. */
  readonly design: JsonObject;
  readonly data: JsonObject;
}

/** Registers a plan as of now. Encodes the rows, to hash them. */
export async function registrationOf(
  plan: StudyPlan,
  ground: StudyGround,
  { question, domains }: { readonly question: string; readonly domains: boolean },
): Promise<Registration> {
  const { design, trainRows, ...settings } = plan;
  const models = [design.model, ...design.variants];
  const rows = await Promise.all(models.map(({ spec }) => ground.rowsFor(spec)));
  const hashes = await Promise.all(rows.map(bothHashes));
  const seeds = plan.seeds ?? [];
  const runner = new StudyRunner(ground);
  let count = 0;
  for (const variant of models) for (const seed of seeds) if ((await runner.kept({ variant, seed })) !== null) count++;
  return {
    question,
    registered: new Date().toISOString(),
    runsBefore: count,
    design: plain({
      variants: Object.fromEntries(models.map(({ name, spec }) => [name, sha256(canonical(effectiveSpec(spec)))])),
      domains,
      ...settings,
      ...ground.settings,
    }),
    data: plain({
      hash: sha256(JSON.stringify([hashes, usersHash(ground.users)])),
      trainRows,
      evaluationRows: rows[0]!.validation.rows,
      user: ground.users?.name ?? null,
    }),
  };
}

/** Lists differences from an earlier registration as problems; empty for the same study. */
export function differencesFrom(earlier: Registration, now: Registration): Problem[] {
  const fix = "plan in another folder; or run the plan unchanged, and look at more with plan.explore({ … })";
  const differs = (path: string, before: Json | undefined, after: Json | undefined): Problem[] => {
    const [expected, received] = [canonical(before ?? null), canonical(after ?? null)];
    if (expected === received) return [];
    return [{ path: `plan.${path}`, message: "differs from the registered plan", received, expected, fix }];
  };
  const members = (part: "design" | "data"): Problem[] =>
    [...new Set([...Object.keys(earlier[part]), ...Object.keys(now[part])])].flatMap((name) =>
      differs(name === "hash" ? "data" : name, earlier[part][name], now[part][name]),
    );
  return [...differs("question", earlier.question, now.question), ...members("design"), ...members("data")];
}

function plain(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
