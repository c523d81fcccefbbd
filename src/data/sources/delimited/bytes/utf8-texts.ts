/**
 * The files of a table as UTF-8, with the names of the original files for messages.
 */
import { DataError, type Problem } from "../../../../errors/index.js";
import { removeWith } from "../../files/private-files.js";
import type { Source } from "../../source.js";
import type { CsvOptions } from "../options.js";
import { utf8File } from "./encoding.js";

/** Files that are UTF-8: originals, or copies for this process. */
export interface Utf8Texts {
  readonly files: readonly string[];
  /** The original of a file. */
  readonly nameOf: (file: string) => string;
  /** Runs `work`; its problems name the original files. */
  readonly naming: <T>(work: () => Promise<T>) => Promise<T>;
  /** The source with the original files as the origin of its rows. */
  readonly named: (source: Source) => Source;
}

/** Decodes files that are not UTF-8. @param owner copies are removed when it is garbage-collected */
export async function utf8Texts(
  originals: readonly string[],
  { encoding, signal }: CsvOptions & { readonly signal?: AbortSignal | undefined },
  owner: object,
): Promise<Utf8Texts> {
  const originalOf = new Map<string, string>();
  const files: string[] = [];
  for (const original of originals) {
    const file = await utf8File(original, encoding, signal);
    files.push(file);
    if (file === original) continue;
    originalOf.set(file, original);
    removeWith(owner, file);
  }
  const originalName = (file: string): string => originalOf.get(file) ?? file;
  return {
    files,
    nameOf: originalName,
    async naming(work) {
      try {
        return await work();
      } catch (error) {
        if (originalOf.size === 0 || !(error instanceof DataError)) throw error;
        throw new DataError(
          error.problems.map((problem) => renamed(problem, originalOf)),
          { cause: error },
        );
      }
    },
    named: (source) => ({
      ...source,
      locate: async (row) => {
        const place = await source.locate(row);
        return { ...place, source: originalName(place.source) };
      },
    }),
  };
}

function renamed(problem: Problem, originalOf: ReadonlyMap<string, string>): Problem {
  const entries = Object.entries(problem).map(([key, text]) => {
    let named = text;
    for (const [file, original] of originalOf) {
      if (typeof named === "string") named = named.replaceAll(file, original);
    }
    return [key, named];
  });
  return Object.fromEntries(entries) as unknown as Problem;
}
