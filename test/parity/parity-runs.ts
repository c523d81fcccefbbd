/** Runs `npm run parity` in this process, and writes cases for it. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runParity } from "../../parity/command.js";
import { sharedPath } from "../shared.js";

export const folder = mkdtempSync(path.join(tmpdir(), "pepnet-parity-"));

export async function parity(...argv: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  return { code: await runParity(argv, (line) => lines.push(line)), lines };
}

export function written(name: string, content: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

// biome-ignore lint/suspicious/noExplicitAny: cases that tests break on purpose
export const golden = (name: string): any => JSON.parse(readFileSync(sharedPath("golden", name), "utf8"));
