/**
 * Results that several test files need and the first of them computes: kept below out/ until a source changes, so that
 * the next file reads them. For results that depend on nothing but sources and `input`.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { deserialize, serialize } from "node:v8";
import { packageRoot } from "../src/core/util/files/package-root.js";

/** Not relative to this file, which `bench` compiles into another folder. */
const folder = path.join(packageRoot, "out", "test-results");

/**
 * @param kind names the results, and with them those of earlier sources, which are removed
 * @param sources the test files, relative to test/, that `make` is written in, besides all of src
 */
export function stored<T>(kind: string, sources: readonly string[], input: unknown, make: () => T): T {
  const state = [
    hashOfSources(),
    ...sources.map((name) => readFileSync(path.join(packageRoot, "test", name), "utf8")),
  ].join("\0");
  const prefix = `${kind}-${shortHash(JSON.stringify(input))}-`;
  const file = path.join(folder, `${prefix}${shortHash(state)}`);
  if (existsSync(file)) return deserialize(readFileSync(file)) as T;
  const result = make();
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(path.join(folder, name), { force: true });
  // Under its name only once it is whole: another file may be looking for it.
  const part = path.join(folder, `part-${process.pid}-${path.basename(file)}`);
  writeFileSync(part, serialize(result));
  renameSync(part, file);
  return result;
}

let sourcesHash: string | undefined;

function hashOfSources(): string {
  if (sourcesHash !== undefined) return sourcesHash;
  const hash = createHash("sha256").update(readFileSync(path.join(packageRoot, "package-lock.json")));
  const src = path.join(packageRoot, "src");
  for (const name of readdirSync(src, { recursive: true, encoding: "utf8" }).sort()) {
    if (/\.[cm]?[jt]s$/.test(name)) hash.update(`${name}\0`).update(readFileSync(path.join(src, name)));
  }
  sourcesHash = hash.digest("hex");
  return sourcesHash;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
