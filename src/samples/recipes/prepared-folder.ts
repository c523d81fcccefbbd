/** Running a recipe again replaces only files that its list, with their SHA-256, proves to be a recipe's. */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../errors/index.js";
import { checksumFile, checksumsFile, manifestText, parseManifest } from "../../util/atomic/manifest.js";
import { writeFileWhole, writeWhole } from "../../util/atomic/write-whole.js";

const names: readonly string[] = ["train.parquet", "test.parquet", "pipeline.config"];

/** Throws a DataError if a file has the name of an output but no recipe wrote it, or it has changed since. */
export async function assertPreparable(out: string): Promise<void> {
  const sums = await listed(out);
  const outputs = (await readdir(out).catch(() => [] as string[])).filter((name) => names.includes(name));
  const inTheWay: string[] = sums === null ? [checksumsFile] : [];
  for (const name of outputs) {
    const isFile = (await lstat(join(out, name))).isFile();
    if (!isFile || sums?.get(name) !== (await checksumFile(join(out, name)))) inTheWay.push(name);
  }
  if (inTheWay.length === 0) return;
  throw new DataError(
    inTheWay.map((name) => ({
      path: join(out, name),
      message: "no recipe wrote this file, or it has changed since; nothing was overwritten",
      expected: "a new folder, or one written by a recipe",
      fix: "move the file elsewhere, or choose another folder",
    })),
  );
}

/** Writes a file of the folder with `write`, and adds it to the list. */
export async function writePrepared(
  out: string,
  name: string,
  write: (fresh: string) => Promise<unknown>,
): Promise<string> {
  const file = join(out, name);
  await writeWhole(file, write);
  const sums = new Map((await listed(out)) ?? []).set(name, (await checksumFile(file)) as string);
  await writeFileWhole(join(out, checksumsFile), manifestText(sums));
  return file;
}

/** The list; empty if it is missing, `null` if it is another program's. */
async function listed(out: string): Promise<ReadonlyMap<string, string> | null> {
  const text = await readFile(join(out, checksumsFile), "utf8").catch(() => "");
  if (text === "") return new Map();
  const sums = parseManifest(text);
  return sums !== null && [...sums.keys()].every((name) => names.includes(name)) ? sums : null;
}
