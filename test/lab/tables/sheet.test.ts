import { describe, expect, test } from "vitest";
import { type Column, sheetFrom, sheetRecords, sheetTable, tableText } from "../../../src/lab/views/index.js";

interface Row {
  readonly task: string;
  readonly within: string | null;
  readonly rows: number;
  readonly auc?: number | null;
  readonly positives: number;
}

const columns: readonly Column<Row>[] = [
  { key: "task", kind: "text", value: ({ task }) => task },
  { heading: "task", kind: "text", value: ({ task, within }) => (within ? `${task} (within ${within})` : task) },
  { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows },
  { key: "auc", heading: "AUC", kind: "number", digits: 4, value: ({ auc }) => auc },
  { key: "positive_share", heading: "positive", kind: "share", digits: 1, value: (row) => row.positives / row.rows },
  { key: "enough", heading: "enough", kind: "flag", value: ({ rows }) => rows > 100 },
];
const rows: readonly Row[] = [
  { task: "ctr", within: null, rows: 1200, auc: 0.712345, positives: 60 },
  { task: "cvr", within: "click", rows: 60, positives: 3 },
];

describe("a list of columns", () => {
  const sheet = sheetFrom("Evaluation", rows, columns);

  test("makes the table of the columns with a heading", () => {
    expect(tableText(sheetTable(sheet))).toBe(
      [
        "Evaluation",
        "task                 rows     AUC  positive  enough",
        "──────────────────  ─────  ──────  ────────  ──────",
        "ctr                 1,200  0.7123      5.0%  yes",
        "cvr (within click)     60       –      5.0%  no",
      ].join("\n"),
    );
  });

  test("makes records of the columns with a key, in full precision", () => {
    expect(sheetRecords(sheet)).toEqual([
      { task: "ctr", rows: 1200, auc: 0.712345, positive_share: 0.05, enough: true },
      { task: "cvr", rows: 60, auc: null, positive_share: 0.05, enough: false },
    ]);
  });

  test("is plain data that survives JSON", () => {
    expect(JSON.parse(JSON.stringify(sheet))).toEqual(sheet);
  });

  test("has columns without rows too", () => {
    const empty = sheetTable(sheetFrom(null, [], columns));
    expect(empty.columns.map(({ name }) => name)).toEqual(["task", "rows", "AUC", "positive", "enough"]);
    expect("caption" in empty).toBe(false);
  });

  test("keeps every value where keys are the same, as with a domain called `rows`", () => {
    const domains = ["rows", "rows_2", "rows"].map(
      (key, at): Column<Row> => ({ key, heading: key, kind: "count", value: () => at }),
    );
    const [record] = sheetRecords(sheetFrom(null, rows, [...columns, ...domains]));
    expect(record).toMatchObject({ rows: 1200, rows_3: 0, rows_2: 1, rows_4: 2 });
  });
});
