/** Weights as the bytes of a safetensors file, also with text in its header, as other programs write them. */
import { writeFile } from "node:fs/promises";
import type { Weights } from "../../../src/engine/engine.js";
import { safetensorsPieces } from "../../../src/train/saved/safetensors.js";

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
