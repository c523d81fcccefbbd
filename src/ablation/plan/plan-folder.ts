import { readFile } from "node:fs/promises";
import path from "node:path";
import { DataError } from "../../errors/index.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { makeFolders } from "../../util/files/make-folders.js";
import { isObject, type Json } from "../../util/json.js";
import { canonical, sha256 } from "../runs/run-key.js";
import type { PlanExploration } from "../study-report.js";
import type { Registration } from "./registration.js";

const planFile = "plan.json";
const explorationsFile = "explorations.json";

/** The registration in the folder; `null`: none yet. @throws DataError if it was changed or cannot be read */
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

/** What was looked at afterwards, oldest first. */
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
    await makeFolders(folder);
    await writeFileWhole(file, `${JSON.stringify(content, null, 1)}\n`);
  } catch (error) {
    const fix = "choose a folder that can be written";
    throw new DataError({ path: file, message: "cannot be written", received: (error as Error).message, fix });
  }
}
