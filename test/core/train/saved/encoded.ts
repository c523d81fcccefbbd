/** Saved files as other programs would write them: safetensors with text in the header, and lists that match. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Weights } from "../../../../src/core/engine/engine.js";
import { safetensorsPieces } from "../../../../src/core/train/saved/safetensors.js";

export function encodeSafetensors(weights: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const [head, ...values] = [...safetensorsPieces(weights)].map((piece) => Buffer.from(piece));
  if (Object.keys(metadata).length === 0) return Uint8Array.from(Buffer.concat([head!, ...values]));
  const text = Buffer.from(JSON.stringify({ __metadata__: metadata, ...JSON.parse(head!.toString("utf8", 8)) }));
  const padding = Buffer.alloc((8 - (text.byteLength % 8)) % 8, " ");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.byteLength + padding.byteLength));
  return Uint8Array.from(Buffer.concat([length, text, padding, ...values]));
}

export function writeSafetensors(file: string, weights: Weights): Promise<void> {
  return writeFile(file, encodeSafetensors(weights));
}

/** Replaces a file of a folder, and its line in the folder's list. */
export async function replaceListed(place: string, name: string, content: string): Promise<void> {
  await writeFile(path.join(place, name), content);
  const list = path.join(place, "checksums.sha256");
  const sum = createHash("sha256").update(content).digest("hex");
  const lines = (await readFile(list, "utf8")).split("\n");
  await writeFile(list, lines.map((line) => (line.endsWith(`  ${name}`) ? `${sum}  ${name}` : line)).join("\n"));
}
