/**
 * A source of plain CSV files, read by threads.
 */
import { DataError } from "../../../errors/index.js";
import { columnOfCells } from "../../cells/cell-classes.js";
import { columnRows, type NumberColumn, type RawColumn, sliceColumn, type TextColumn } from "../../table/column.js";
import { joinColumns } from "../../table/join-columns.js";
import { changed } from "../duckdb/relation.js";
import type { Source, SourceVersion } from "../source.js";
import { cellKinds, type PlainLines, plainParts } from "./plain-csv.js";

/** The options of the source. */
export interface PlainFiles {
  /** The display name. */
  readonly name: string;
  readonly lines: PlainLines;
  readonly delimiter: string;
  /** All columns, in order. */
  readonly names: readonly string[];
  readonly version: () => Promise<SourceVersion>;
}

/** Opens plain files. */
export async function plainSource(files: PlainFiles): Promise<Source> {
  const { name, lines, delimiter, names, version } = files;
  const { rows, classes } = lines;
  const columns = names.map((column, index) => columnOfCells(column, classes[index]!));
  const opened = await version();
  const assertUnchanged = async (): Promise<void> => {
    const now = await version();
    if (now.key !== opened.key) throw changed(name, opened, now, rows, rows);
  };
  async function* parts(readNames: readonly string[], asWritten: readonly string[] = []) {
    const read = plainParts(lines, delimiter, names, cellKinds(names, classes, readNames, asWritten));
    try {
      for (let part = await read.next(); ; part = await read.next()) {
        if (part.done !== true) {
          yield part.value;
          continue;
        }
        await assertUnchanged();
        if (part.value) return;
        throw new DataError({
          path: name,
          message: "the file can no longer be read",
          fix: "open it again",
        });
      }
    } finally {
      await read.return(false);
    }
  }
  return {
    name,
    columns,
    rows,
    written: new Set(columns.filter(({ type }) => type === "float").map((column) => column.name)),
    parts,
    read: (readNames, limit, asWritten) =>
      readRows(parts(readNames, asWritten), readNames, Math.min(limit ?? rows, rows)),
    version: async () => opened,
    assertUnchanged,
    async locate(row) {
      let before = 0;
      const first = lines.ranges[0]?.file ?? name;
      const rowsOfFile = new Map<string, number>();
      for (const range of lines.ranges) rowsOfFile.set(range.file, (rowsOfFile.get(range.file) ?? 0) + range.rows);
      for (const [source, count] of rowsOfFile) {
        if (row < before + count) return { source, row: row - before };
        before += count;
      }
      return { source: first, row };
    },
  };
}

/** The first `count` rows, concatenated from parts. */
async function readRows(
  parts: AsyncIterable<Map<string, RawColumn>>,
  names: readonly string[],
  count: number,
): Promise<Map<string, RawColumn>> {
  const read: Map<string, RawColumn>[] = [];
  let received = 0;
  if (names.length === 0) return new Map();
  for await (const part of parts) {
    read.push(part);
    received += columnRows(part.values().next().value!);
    if (received >= count) break;
  }
  return new Map(
    names.map((name) => {
      const joined = joinColumns(read.map((part) => part.get(name) as NumberColumn | TextColumn));
      return [name, received > count ? sliceColumn(joined, 0, count) : joined];
    }),
  );
}
