/**
 * What each kind of bad input ends in: an error that names file, row and column, or a counted warning. The numbers are
 * the rows of "What its users see when something is wrong" in TorchEasyRec's bridge notes; nothing is dropped in silence.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { check } from "../../../src/core/data/check/check.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { openTable, type TableSource } from "../../../src/core/data/table/open.js";
import type { Table } from "../../../src/core/data/table/table.js";
import type { Finding, Severity } from "../../../src/core/errors/finding.js";
import { DataError } from "../../../src/core/errors/index.js";
import type { IdFeatureSpec } from "../../../src/core/spec/feature/feature.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { comboSpec, idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-outcomes-"));
const good = {
  user_id: [0, 1, 2, 3],
  scene: [0, 1, 1, 0],
  price: [1.5, 2, 0.5, 3],
  clk: [0, 1, 0, 1],
  buy: [0, 1, 0, 0],
};
const spec = modelSpec({
  features: [idSpec("user_id", 10), idSpec("scene", 2), rawSpec("price")],
  labels: ["clk", "buy", "scene"],
  groups: [{ name: "domain", features: ["scene"], extra: {} }],
  domains: { column: "scene", count: 2, names: null },
  towers: [towerSpec("ctr", "clk"), towerSpec("cvr", "buy")],
});
const hashed = (more: Partial<IdFeatureSpec> = {}): ModelSpec => ({
  ...spec,
  features: [idSpec("user_id", { kind: "hash", size: 1000 }, more), idSpec("scene", 2), rawSpec("price")],
});

interface Case {
  readonly name: string;
  /** Columns that differ from the good ones; `undefined`: taken out. */
  readonly columns: Readonly<Record<string, unknown[] | undefined>>;
  readonly model?: ModelSpec;
  readonly severity: Severity;
  readonly column: string;
  readonly says: RegExp;
  readonly rows: number | undefined;
  /** In a file such numbers are whole and exact. */
  readonly onlyIn?: "memory";
  /** Rows that show it. */
  readonly at?: readonly number[];
}

const nan = Number.NaN;
const cases: readonly Case[] = [
  {
    name: "2: NaN in a raw feature",
    columns: { price: [1, nan, 2, nan] },
    severity: "error",
    column: "price",
    says: /not a finite number/,
    rows: 2,
    at: [1, 3],
  },
  {
    name: "infinity in a raw feature",
    columns: { price: [1, 2, Number.POSITIVE_INFINITY, 3] },
    severity: "error",
    column: "price",
    says: /not a finite number/,
    rows: 1,
    at: [2],
  },
  {
    name: "3: NaN in a label",
    columns: { clk: [0, nan, 1, 1] },
    severity: "error",
    column: "clk",
    says: /has no value/,
    rows: 1,
    at: [1],
  },
  {
    name: "4: label 2 for a binary loss",
    columns: { buy: [0, 1, 2, 0] },
    severity: "error",
    column: "buy",
    says: /out of range/,
    rows: 1,
    at: [2],
  },
  {
    name: "5: null id",
    columns: { user_id: [0, null, 2, null] },
    severity: "minor",
    column: "user_id",
    says: /no value: a zero vector/,
    rows: 2,
    at: [1, 3],
  },
  {
    name: "6: id beyond its table",
    columns: { user_id: [0, 10, 2, 11] },
    severity: "minor",
    column: "user_id",
    says: /id outside 0 … 9, mapped to row 0/,
    rows: 2,
    at: [1, 3],
  },
  {
    name: "6: negative id",
    columns: { user_id: [0, 1, -1, 3] },
    severity: "minor",
    column: "user_id",
    says: /id outside 0 … 9/,
    rows: 1,
    at: [2],
  },
  {
    name: "8: domain 2 of 2",
    columns: { scene: [0, 1, 2, 0] },
    severity: "error",
    column: "scene",
    says: /domain "scene" is out of range/,
    rows: 1,
    at: [2],
  },
  {
    name: "9: domain −1",
    columns: { scene: [0, 1, -1, 0] },
    severity: "error",
    column: "scene",
    says: /domain "scene" is out of range/,
    rows: 1,
    at: [2],
  },
  {
    name: "null domain",
    columns: { scene: [0, null, 1, 0] },
    severity: "error",
    column: "scene",
    says: /domain "scene" has no value/,
    rows: 1,
    at: [1],
  },
  {
    name: "domain as text",
    columns: { scene: ["a", "b", "a", "b"] },
    severity: "error",
    column: "scene",
    says: /domain "scene" is not a number/,
    rows: 1,
  },
  {
    name: "11: missing feature column",
    columns: { price: undefined },
    severity: "error",
    column: "price",
    says: /feature "price" needs a column that does not exist/,
    rows: undefined,
  },
  {
    name: "12: missing label column",
    columns: { buy: undefined },
    severity: "error",
    column: "buy",
    says: /label "buy" needs a column that does not exist/,
    rows: undefined,
  },
  {
    name: "15: null label",
    columns: { clk: [null, 1, 0, null] },
    severity: "error",
    column: "clk",
    says: /label "clk" has no value/,
    rows: 2,
    at: [0, 3],
  },
  {
    name: "16: label as text",
    columns: { clk: ["0", "1", "0", "1"] },
    severity: "error",
    column: "clk",
    says: /label "clk" is not a number/,
    rows: 1,
  },
  {
    name: "17: id as text where a number is due",
    columns: { user_id: ["1", "u2", "3", "u4"] },
    severity: "error",
    column: "user_id",
    says: /not an id of feature "user_id"/,
    rows: 2,
    at: [1, 3],
  },
  {
    name: "an id with a fraction",
    columns: { user_id: [1, 2.5, 3, 4] },
    severity: "error",
    column: "user_id",
    says: /not an id/,
    rows: 1,
    at: [1],
  },
  {
    name: "empty text as a hashed id",
    columns: { user_id: ["a", "", "b", ""] },
    model: hashed(),
    severity: "minor",
    column: "user_id",
    says: /no value: a zero vector/,
    rows: 2,
    at: [1, 3],
  },
  {
    name: "ids beyond 2^53 that are floats",
    columns: { user_id: [2 ** 53, 1, 2, 2 ** 60] },
    model: hashed(),
    onlyIn: "memory",
    severity: "moderate",
    column: "user_id",
    says: /beyond 2\^53/,
    rows: 2,
    at: [0, 3],
  },
  {
    name: "null price",
    columns: { price: [1, null, 2, 3] },
    severity: "minor",
    column: "price",
    says: /no value: the default, 0/,
    rows: 1,
    at: [1],
  },
  {
    name: "blank text where a number is due",
    columns: { user_id: ["1", " ", "3", ""] },
    severity: "error",
    column: "user_id",
    says: /not an id of feature "user_id"/,
    rows: 1,
    at: [1],
  },
  {
    name: "blank text as a hashed id is a text, told from none at all",
    columns: { user_id: ["a", "  ", "b", ""] },
    model: hashed(),
    severity: "minor",
    column: "user_id",
    says: /no value: a zero vector/,
    rows: 1,
    at: [3],
  },
  {
    name: "blank text as a price",
    columns: { price: ["1.5", " ", "2", ""] },
    severity: "minor",
    column: "price",
    says: /no value: the default, 0/,
    rows: 2,
    at: [1, 3],
  },
  {
    name: "blank text as a label",
    columns: { clk: ["0", " ", "1", ""] },
    severity: "error",
    column: "clk",
    says: /label "clk" is not a number/,
    rows: 1,
    at: [1],
  },
  {
    name: "a price beyond float32",
    columns: { price: [1, 2, -1e39, 3] },
    severity: "error",
    column: "price",
    says: /too large for float32/,
    rows: 1,
    at: [2],
  },
  {
    name: "a domain that no row is of",
    columns: { scene: [0, 0, 0, 0] },
    severity: "serious",
    column: "scene",
    says: /no row has domain 1/,
    rows: undefined,
  },
];

async function open(columns: Case["columns"], as: "memory" | "file"): Promise<Table> {
  const all = Object.entries({ ...good, ...columns }).filter((entry) => entry[1] !== undefined);
  const table = await openTable(Object.fromEntries(all) as TableSource);
  return as === "memory" ? table : openTable(await table.toParquet(join(folder, "case.parquet")));
}

describe.each(["memory", "file"] as const)("rows in a %s", (kind) => {
  test.each(cases.filter(({ onlyIn = kind }) => onlyIn === kind))(
    "$name",
    async ({ columns, model = spec, severity, column, says, rows, at }) => {
      const table = await open(columns, kind);
      const { findings } = await check(table, model);
      const finding = findings.find(
        ({ path, message }) => path.endsWith(`column "${column}"`) && says.test(message),
      ) as Finding;
      expect(finding, JSON.stringify(findings)).toMatchObject({ severity });
      expect(finding.rows).toBe(rows);
      if (at) {
        expect(finding.examples!.map(({ row }) => row)).toEqual(at);
        expect(finding.examples!.every(({ source }) => source === table.source)).toBe(true);
      }
      expect(finding.fix ?? finding.expected).toBeDefined();
      // Training refuses what is called an error, naming the first row, and takes the rest, counting it.
      const outcome = await encode(table, model).catch((error: DataError) => error);
      if (severity === "error") {
        const first = (outcome as DataError).problems.find(
          ({ path, message }) => path.endsWith(`column "${column}"`) && says.test(message),
        );
        expect(first).toBeDefined();
        if (at) expect(first?.path).toBe(`${table.source}: row ${at[0]} (from 0), column "${column}"`);
      } else {
        expect(outcome).not.toBeInstanceOf(DataError);
        if (rows !== undefined)
          expect((outcome as EncodedData).warnings).toContainEqual(expect.objectContaining({ column, rows }));
      }
    },
  );
});

describe("files that cannot be read as they are", () => {
  const csv = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    String(await work.catch((error: DataError) => error.message));

  test("a value of another type far down a CSV file makes text of its column", async () => {
    const lines = Array.from({ length: 130_000 }, (_, row) => (row === 125_000 ? "soon,1" : `${row},0`));
    const path = csv("mixed.csv", `user_id,clk\n${lines.join("\n")}\n`);
    const table = await openTable(path);
    expect(table.columns[0]).toEqual({ name: "user_id", type: "text", sourceType: "VARCHAR" });
    expect((await table.take(Int32Array.of(0, 125_000)).column("user_id")).sort()).toEqual(["0", "soon"]);
  });

  test("a column that comes twice: in a CSV header, whatever its letter case, and in a query", async () => {
    expect(await refusal(openTable(csv("twice.csv", "clk,CLK\n0,1\n")))).toMatch(
      /line 1: duplicate column "CLK" \(first as "clk"/,
    );
    expect(await refusal(openTable({ sql: "select 1 as clk, 2 as id, 3 as clk" }))).toMatch(
      /column "clk": duplicate name[\s\S]*join … using/,
    );
    expect(
      (await openTable({ sql: "select * from (select 1 as a) x join (select 1 as a) y using (a)" })).names,
    ).toEqual(["a"]);
  });

  test("a Parquet file with two columns of one name, or of names that differ in letter case", async () => {
    const path = await (await openTable({ user_id: [1, 2], clk: [0, 1], clj: [1, 0] })).toParquet(
      join(folder, "t.parquet"),
    );
    for (const name of ["clk", "CLK"]) {
      const twins = csv(`twins-${name}.parquet`, "");
      // The column's name stands in the file's schema and beside each of its chunks.
      writeFileSync(twins, Buffer.from(readFileSync(path, "latin1").replaceAll("clj", name), "latin1"));
      const said = await refusal(openTable(twins));
      expect(said).toMatch(/duplicate column "clk"|duplicate column "CLK"/);
      expect(said).toContain(twins);
    }
  });

  test("whole numbers beyond 2^53 in a file are ids digit for digit", async () => {
    const table = await openTable(csv("big.csv", "user_id\n9007199254740992\n9007199254740993\n-9007199254740993\n"));
    expect(await table.column("user_id")).toEqual(["9007199254740992", "9007199254740993", "-9007199254740993"]);
    const model = modelSpec({ features: [idSpec("user_id", { kind: "hash", size: 1_000_000 })] });
    const ids = (await encode(table, model)).features.get("user_id");
    expect(new Set((ids as { ids: Int32Array }).ids).size).toBe(3);
  });

  test("whole numbers that outgrow 32 bits far down a file stay what they are, and nulls stay nulls", async () => {
    const values = Array.from({ length: 5000 }, (_, row) => (row < 4500 ? -row : row === 4600 ? "" : row * 10 ** 9));
    const table = await openTable(csv("wide.csv", `user_id,clk\n${values.map((id) => `${id},0`).join("\n")}\n`));
    expect(await table.column("user_id")).toEqual(values.map((id) => (id === "" ? null : Number(id) + 0)));
  });

  test("lists of lists are no feature, and say so", async () => {
    const table = await openTable({ sql: "select [[1, 2]] as tags" });
    const model = modelSpec({ features: [idSpec("tags", { kind: "hash", size: 10 })] });
    expect(await refusal(encode(table, model))).toMatch(
      /cannot be read from lists of lists, since it is not a sequence[\s\S]*INTEGER\[\]\[\]/,
    );
  });
});

test("everything that is wrong in a model's own columns is told at once", async () => {
  const cross = comboSpec("cross", ["user:nothing", "item:nowhere"], { kind: "hash", size: 10 });
  const model = { ...spec, features: [...spec.features, cross] };
  const { findings } = await check(
    await open({ price: [nan, 1, 2, 3], clk: [0, 3, 1, 1], scene: [0, 5, 1, 1] }, "memory"),
    model,
  );
  expect(findings.filter(({ severity }) => severity === "error").length).toBe(5);
});
