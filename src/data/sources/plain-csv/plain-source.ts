/** Plain CSV files as a source: their rows by threads, and by DuckDB where those leave off. */
import {
  type ColumnInfo,
  columnRows,
  type NumberColumn,
  type RawColumn,
  sliceColumn,
  type TextColumn,
} from "../../column.js";
import { joinColumns } from "../../join-columns.js";
import type { RelationSource } from "../relation.js";
import type { Source } from "../source.js";
import { type PlainLines, plainParts } from "./plain-csv.js";

/** What it takes to read plain files. */
export interface PlainFiles {
  readonly lines: PlainLines;
  readonly delimiter: string;
  /** Throws a DataError where DuckDB, which was told the types of the first rows, would round a later value. */
  readonly assertWhole: (integers: readonly ColumnInfo[]) => Promise<void>;
}

/** As many rows DuckDB reads by itself: the types were found in them. */
const headRows = 20_480;

/** @param relation the same rows, read by DuckDB */
export function plainSource(relation: RelationSource, { lines, delimiter, assertWhole }: PlainFiles): Source {
  const { columns, rows } = relation;
  async function* parts(names: readonly string[]): AsyncGenerator<Map<string, RawColumn>> {
    let received = 0;
    const quick = plainParts(lines, delimiter, columns, names);
    try {
      for (let part = await quick.next(); ; part = await quick.next()) {
        if (part.done !== true) {
          received += rowsIn(part.value);
          yield part.value;
        } else if (part.value) return relation.assertUnchanged();
        else break;
      }
    } finally {
      await quick.return(false);
    }
    await relation.assertUnchanged();
    await assertWhole(columns.filter(({ name, type }) => type === "integer" && names.includes(name)));
    yield* relation.partsFrom(names, received);
  }
  return {
    ...relation,
    parts,
    async read(names, limit) {
      const count = Math.min(limit ?? rows, rows);
      if (count <= headRows || names.length === 0) return relation.read(names, limit);
      const read: Map<string, RawColumn>[] = [];
      let received = 0;
      for await (const part of parts(names)) {
        read.push(part);
        received += rowsIn(part);
        if (received >= count) break;
      }
      return new Map(
        names.map((name) => {
          const joined = joinColumns(read.map((part) => part.get(name) as NumberColumn | TextColumn));
          return [name, received > count ? sliceColumn(joined, 0, count) : joined];
        }),
      );
    },
  };
}

function rowsIn(part: ReadonlyMap<string, RawColumn>): number {
  return columnRows(part.values().next().value as RawColumn);
}
