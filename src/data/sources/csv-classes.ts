/** What each column of CSV files holds, found by DuckDB over all rows: the bits of `cells/cell-classes.ts`. */
import { textCell } from "../cells/cell-classes.js";
import { classSql } from "../cells/class-sql.js";
import { identifier, queryRows } from "./duckdb.js";

/** Rows that are looked at first: a column that is text in them is text, and is not looked at again. */
const firstRows = 2048;
/** Columns of one query: its plan grows with them. */
const columnsAtOnce = 200;

/** The bits of each column, and how many rows there are. @param texts a relation whose cells are text */
export async function cellClasses(
  texts: string,
  names: readonly string[],
): Promise<{ readonly classes: Uint8Array; readonly rows: number }> {
  const classes = new Uint8Array(names.length);
  const look = async (relation: string): Promise<number> => {
    const open = [...names.keys()].filter((column) => (classes[column] as number) < textCell);
    let rows = 0;
    for (let start = 0; start === 0 || start < open.length; start += columnsAtOnce) {
      const columns = open.slice(start, start + columnsAtOnce);
      const bits = columns.map((column) => `bit_or(${classSql(identifier(names[column] as string))}) AS c${column}`);
      const [found] = await queryRows(`SELECT ${["count(*) AS rows", ...bits].join(", ")} FROM ${relation}`);
      rows = Number(found?.["rows"]);
      for (const column of columns) classes[column]! |= Number(found?.[`c${column}`] ?? 0);
    }
    return rows;
  };
  const first = await look(`(SELECT * FROM ${texts} LIMIT ${firstRows})`);
  return { classes, rows: first < firstRows ? first : await look(texts) };
}
