/**
 * A table with more columns, or other values of some columns, in memory.
 */
import { createHash } from "node:crypto";
import { columnContents, columnsSource } from "../sources/memory.js";
import type { Source, SourceVersion } from "../sources/source.js";
import { type RawColumn, sliceColumn } from "../table/column.js";
import { Table } from "../table/table.js";

/** The table with columns of its number of rows: those with a known name replace the table's. */
export function withColumns(table: Table, added: ReadonlyMap<string, RawColumn>): Table {
  const extra = columnsSource(table.source, added);
  const infos = new Map(extra.columns.map((column) => [column.name, column]));
  const ofTable = (names: readonly string[]) => names.filter((name) => !added.has(name));
  const joined = (names: readonly string[], read: ReadonlyMap<string, RawColumn>, start: number, end: number) =>
    new Map(names.map((name) => [name, read.get(name) ?? sliceColumn(added.get(name)!, start, end)]));
  let version: Promise<SourceVersion | null> | null = null;
  const source: Source = {
    name: table.source,
    rows: table.rows,
    columns: [
      ...table.columns.map((column) => infos.get(column.name) ?? column),
      ...extra.columns.filter(({ name }) => !table.has(name)),
    ],
    written: table.isText ? new Set(ofTable(table.names).filter((name) => table.isWritten(name))) : undefined,
    async read(names, limit, asWritten = []) {
      const rows = Math.min(limit ?? table.rows, table.rows);
      const part = rows === table.rows ? table : table.slice(0, rows);
      return joined(names, await part.read(ofTable(names), asWritten), 0, rows);
    },
    async *parts(names, asWritten = []) {
      if (ofTable(names).length === 0) return yield* extra.parts(names);
      let start = 0;
      for await (const part of table.parts(ofTable(names), asWritten)) {
        yield joined(names, part.columns, start, start + part.rows);
        start += part.rows;
      }
    },
    version: () => {
      version ??= overlayVersion(table, added);
      return version;
    },
    assertUnchanged: () => table.assertUnchanged(),
    locate: (row) => table.locate(row),
  };
  return new Table(source);
}

async function overlayVersion(table: Table, added: ReadonlyMap<string, RawColumn>): Promise<SourceVersion | null> {
  const version = await table.version();
  if (version === null) return null;
  const hash = createHash("sha256").update(JSON.stringify([version.key, table.names, [...added.keys()]]));
  const { selection } = table;
  if (selection !== null) hash.update(Buffer.from(selection.buffer, selection.byteOffset, selection.byteLength));
  for (const content of columnContents(added)) {
    hash.update("\0");
    hash.update(
      typeof content === "string" ? content : Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    );
  }
  return { key: hash.digest("hex"), about: version.about };
}
