import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { slashPath } from "../util/files/slash-path.js";
import type { DataRecord } from "./provenance.js";

const chunkBytes = 1024 * 1024;

interface KnownFile {
  readonly bytes: number;
  readonly changed: number;
  sha256?: string;
  readonly hashed: Promise<void>;
}

export class OpenedFiles {
  readonly #files = new Map<string, KnownFile>();
  readonly #looking = new Map<string, Promise<void>>();

  open(file: string): void {
    const looking = this.#look(file).catch(() => {
      this.#files.delete(file); // already deleted
    });
    this.#looking.set(file, looking);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#looking.values());
    await Promise.all([...this.#files.values()].map(({ hashed }) => hashed));
  }

  records(files: readonly string[], nameOf: (file: string) => string): DataRecord[] {
    return files.flatMap((file) => {
      const record = this.#files.get(file);
      if (!record) return [];
      const { bytes, sha256 } = record;
      return [{ name: nameOf(file), bytes, sha256 }];
    });
  }

  async #look(file: string): Promise<void> {
    const { size, mtimeMs } = await stat(file);
    const before = this.#files.get(file);
    if (before?.bytes === size && before.changed === mtimeMs) return;
    const record: KnownFile = {
      bytes: size,
      changed: mtimeMs,
      hashed: hashFile(file).then(
        (hash) => {
          record.sha256 = hash;
        },
        () => {}, // deleted meanwhile: its name and size stay
      ),
    };
    this.#files.set(file, record);
  }
}

/** Relative to the notebook's folder, or only folder and name outside the repository. @param paths for tests */
export function shownPath(
  file: string,
  folder: string,
  repository: string | null,
  paths: path.PlatformPath = path,
): string {
  const fromHome = paths.relative(repository ?? folder, file);
  const inside = !fromHome.startsWith("..") && !paths.isAbsolute(fromHome); // another drive: absolute
  const relative = inside
    ? paths.relative(folder, file)
    : paths.join(paths.basename(paths.dirname(file)), paths.basename(file));
  return slashPath(relative, paths);
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: chunkBytes }), hash);
  return hash.digest("hex");
}
