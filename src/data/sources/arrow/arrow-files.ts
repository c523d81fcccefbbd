/**
 * Arrow IPC files (Feather), read by the user's apache-arrow.
 */
import { readFileSync } from "node:fs";
import { DataError } from "../../../errors/index.js";
import { userPackage } from "../../../util/files/user-package.js";
import { inTurns } from "../../../util/turns.js";
import { fileVersions } from "../files/file-version.js";
import { type NamedColumns, readingMemory } from "../memory.js";
import type { Source } from "../source.js";
import { type ArrowTableLike, otherTableColumns } from "./arrow-table.js";

/** The part of apache-arrow that reads files. */
interface ArrowPackage {
  tableFromIPC(bytes: Uint8Array): ArrowTableLike;
}

/** Opens an Arrow IPC file. Throws a DataError if apache-arrow is not installed or cannot read the file. */
export async function arrowSource(name: string, files: readonly string[]): Promise<Source> {
  const [file] = files as [string];
  if (files.length > 1) {
    throw new DataError({
      path: name,
      message: "several Arrow files cannot be read as one table",
      received: `${files.length} files`,
      fix: `open each and concatenate them: (await dataset(${JSON.stringify(file)})).concat(…)`,
    });
  }
  const arrow = userPackage<ArrowPackage>(["apache-arrow"]);
  if (arrow === null) {
    throw new DataError({
      path: file,
      message: "Arrow files are read by the package apache-arrow, which is not installed",
      received: `no package apache-arrow in ${process.cwd()} or above`,
      fix: "npm install apache-arrow, or write the table as Parquet",
    });
  }
  const version = fileVersions(files);
  const source = await inTurns(readingMemory(name, readColumns(file, arrow)));
  const opened = await version();
  return { ...source, version: async () => opened, locate: async (row) => ({ source: file, row }) };
}

function readColumns(file: string, arrow: ArrowPackage): NamedColumns {
  try {
    return otherTableColumns(arrow.tableFromIPC(readFileSync(file)))!.columns;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new DataError(
      {
        path: file,
        message: `apache-arrow cannot read this file: ${words.split("\n")[0]}`,
        fix: "write it again without compression, or as Parquet",
      },
      { cause: error },
    );
  }
}
