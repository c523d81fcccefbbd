/**
 * Checks that a Zstandard file is complete. Decompressing a truncated file returns fewer lines without an error, so
 * its frames are walked first: a header, blocks with their lengths, and the next frame (RFC 8878).
 */
import { type FileHandle, open } from "node:fs/promises";
import { DataError } from "../../../../errors/index.js";

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Size of a frame's header before its first block, by the two bits with the length of a field. */
const dictionaryBytes = [0, 1, 2, 4] as const;
const contentSizeBytes = [0, 2, 4, 8] as const;

/** Throws a DataError if the file is not Zstandard, or is truncated within a frame. */
export async function assertWholeFrames(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    for (let at = 0; at < size; ) at = await frameEnd(file, handle, at, size);
  } finally {
    await handle.close();
  }
}

async function frameEnd(file: string, handle: FileHandle, start: number, size: number): Promise<number> {
  const magic = await number(handle, start, 4);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
    return within(file, start + 8 + (await number(handle, start + 4, 4)), size);
  }
  if (magic !== frameMagic) {
    throw new DataError({
      path: file,
      message: start === 0 ? "not a Zstandard file" : `the Zstandard file is damaged at byte ${start}`,
      fix:
        start === 0
          ? "if it is plain text, remove .zst from its name; otherwise compress it again"
          : "copy or compress the file again",
    });
  }
  const descriptor = await number(handle, start + 4, 1);
  const single = (descriptor >> 5) & 1;
  const sizeField = contentSizeBytes[descriptor >> 6]!;
  const header = 5 + (1 - single) + dictionaryBytes[descriptor & 3]! + (sizeField || single);
  let at = start + header;
  for (let last = 0; last === 0; ) {
    within(file, at + 3, size);
    const block = await number(handle, at, 3);
    last = block & 1;
    const repeated = ((block >> 1) & 3) === 1;
    at = within(file, at + 3 + (repeated ? 1 : block >> 3), size);
  }
  return within(file, at + ((descriptor >> 2) & 1) * 4, size);
}

function within(file: string, end: number, size: number): number {
  if (end <= size) return end;
  throw new DataError({
    path: file,
    message: "the Zstandard file is truncated",
    fix: "copy or compress the file again",
  });
}

/** A little-endian number; bytes after the end of the file are 0. */
async function number(handle: FileHandle, at: number, count: number): Promise<number> {
  const bytes = Buffer.alloc(count);
  await handle.read(bytes, 0, count, at);
  return bytes.readUIntLE(0, count);
}
