/** `check` finds everything that would go wrong in training, at once, with places, counts and example rows. */
import { describe, expect, test } from "vitest";
import { check } from "../../../src/core/data/check/check.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { openTable } from "../../../src/core/data/table/open.js";
import type { Table } from "../../../src/core/data/table/table.js";
import type { Finding } from "../../../src/core/errors/finding.js";
import type { DataError } from "../../../src/core/errors/index.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { comboSpec, idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

const taskSpace = { indicatorLabel: "clk", inWeight: 1, outWeight: 0 };
const spec = modelSpec({
  features: [idSpec("user_id", 10), idSpec("scene", 3), rawSpec("price")],
  labels: ["clk", "buy", "scene"],
  groups: [{ name: "domain", features: ["scene"], extra: {} }],
  domains: { column: "scene", count: 3, names: ["feed", "search", "live"] },
  towers: [towerSpec("ctr", "clk"), towerSpec("cvr", "buy", { taskSpace })],
});
const good = {
  user_id: [0, 1, 2, 3, 4, 5],
  scene: [0, 0, 1, 1, 2, 2],
  price: [1, 2, 3, 4, 5, 6],
  clk: [0, 1, 0, 1, 0, 1],
  buy: [0, 1, 0, 1, 0, 1],
};

async function found(columns: object, model: ModelSpec = spec, training?: Table): Promise<readonly Finding[]> {
  const all = Object.entries({ ...good, ...columns }).filter((entry) => entry[1] !== undefined);
  return (await check(await openTable(Object.fromEntries(all)), model, { training })).findings;
}
const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ severity, path, message }) => `${severity}: ${path}: ${message}`);

describe("check", () => {
  test("sound data has no findings", async () => {
    expect(await found({})).toEqual([]);
  });

  test("errors of every kind come at once, before warnings, with counts and rows", async () => {
    const findings = await found({
      user_id: ["1", "x", "2", "y", "12", "3"],
      price: undefined,
      scene: [0, 3, 1, 1, -1, 2],
      clk: [0, 2, null, Number.NaN, 1, 1],
    });
    expect(said(findings)).toEqual([
      'error: columns in memory: column "clk": label "clk" has no value',
      'error: columns in memory: column "clk": label "clk" is out of range',
      'error: columns in memory: column "scene": domain "scene" is out of range',
      expect.stringContaining('error: columns in memory: column "price": feature "price" needs a column'),
      'error: columns in memory: column "user_id": not an id of feature "user_id"',
      'minor: columns in memory: column "user_id": id outside 0 … 9, mapped to row 0',
      'minor: columns in memory: column "scene": id outside 0 … 2, mapped to row 0',
    ]);
    const source = "columns in memory";
    expect(findings[0]).toMatchObject({
      rows: 2,
      examples: [
        { source, row: 2, value: "null" },
        { row: 3, value: "NaN" },
      ],
    });
    expect(findings[2]).toMatchObject({
      rows: 2,
      examples: [
        { row: 1, value: "3" },
        { row: 4, value: "-1" },
      ],
    });
    expect(findings[4]).toMatchObject({
      rows: 2,
      examples: [
        { row: 1, value: '"x"' },
        { row: 3, value: '"y"' },
      ],
    });
    expect(findings[5]).toMatchObject({ rows: 1, examples: [{ row: 4, value: '"12"' }] });
    expect(findings[5]?.fix).toContain("raise .buckets(10)");
  });

  test("at most five example rows, however many there are", async () => {
    const rows = 40;
    const column = (value: (row: number) => number): number[] => Array.from({ length: rows }, (_, row) => value(row));
    const findings = await found({
      user_id: column((row) => row),
      scene: column((row) => row % 3),
      price: column((row) => row),
      clk: column((row) => (row >> 1) % 2),
      buy: column((row) => ((row >> 1) % 2) * (row % 2)),
    });
    const finding = findings.find(({ judge }) => judge === "id outside the table");
    expect(finding).toMatchObject({ rows: 30 });
    expect(finding?.examples?.map(({ row }) => row)).toEqual([10, 11, 12, 13, 14]);
  });

  test("what training refuses is what it calls an error", async () => {
    for (const columns of [
      { clk: [0, 1, 2, 0, 1, 0] },
      { price: [1, Number.NaN, 1, 2, 3, 4] },
      { scene: [0, 1, 2, 3, 0, 1] },
    ]) {
      const table = await openTable({ ...good, ...columns });
      const refused = await encode(table, spec).then(
        () => [],
        (error: DataError) => error.problems.map(({ path }) => path),
      );
      const errors = (await check(table, spec)).findings.filter(({ severity }) => severity === "error");
      expect(
        errors.map(({ path, examples }) => path.replace(": column", `: row ${examples?.[0]?.row} (from 0), column`)),
      ).toEqual(refused);
    }
  });

  test("a domain that no row is of, and one that has one class only", async () => {
    const findings = await found({ scene: [0, 0, 0, 1, 1, 1], clk: [0, 0, 0, 1, 0, 1], buy: [0, 0, 0, 1, 0, 0] });
    expect(said(findings)).toEqual([
      expect.stringContaining("no row has domain 2 (live)"),
      expect.stringContaining('label "clk" is 0 in every row of domain 0 (feed)'),
      expect.stringContaining('label "buy" is 0 in every row of domain 0 (feed)'),
    ]);
    expect(findings[1]?.rows).toBe(3);
    expect(said(await found({ buy: [0, 0, 0, 0, 0, 0] }))).toEqual([
      expect.stringContaining('"buy" is 0 in every row, so'),
    ]);
  });

  test("of many domains that no row is of, or that have one class only, the first are named", async () => {
    const many = { ...spec, domains: { column: "scene", count: 8, names: null } };
    const columns = { ...good, scene: [0, 1, 2, 3, 3, 0], clk: [0, 0, 0, 1, 0, 0], buy: [0, 0, 0, 1, 0, 0] };
    const { findings } = await check(await openTable(columns), many);
    expect(said(findings.filter(({ severity }) => severity === "serious"))).toEqual([
      expect.stringContaining(
        "no row has one of 4 of 8 domains, which have towers of their own: 4 (scene=4), 5 (scene=5), 6 (scene=6) …",
      ),
      ...[0, 1, 2].map((domain) => expect.stringContaining(`label "clk" is 0 in every row of domain ${domain} (`)),
      ...[0, 1, 2].map((domain) => expect.stringContaining(`label "buy" is 0 in every row of domain ${domain} (`)),
    ]);
    const all = await check(await openTable({ ...columns, clk: [0, 0, 0, 1, 1, 0], scene: [0, 1, 2, 3, 3, 4] }), many);
    expect(all.findings.find(({ message }) => message.includes('"clk"'))).toMatchObject({
      message: expect.stringContaining(
        "is 0 in every row of 4 of 8 domains: 0 (scene=0), 1 (scene=1), 2 (scene=2) …, so ranking",
      ),
      rows: 4,
    });
    expect(said(all.findings).filter((text) => text.includes('"clk" is'))).toHaveLength(2);
  });

  test("positives outside a task's space are counted, where its loss leaves them out", async () => {
    const outside = { buy: [1, 0, 0, 1, 1, 0] };
    const [finding] = await found(outside);
    expect(finding).toMatchObject({ rows: 2, message: expect.stringContaining('positive in rows where "clk" is not') });
    const towers = [towerSpec("ctr", "clk"), towerSpec("cvr", "buy", { taskSpace: { ...taskSpace, outWeight: 0.5 } })];
    expect(await found(outside, { ...spec, towers })).toEqual([]);
  });

  test("features without a value, or with one only; a feature that is the label", async () => {
    const features = [...spec.features, idSpec("k", 9), idSpec("e", 9), idSpec("buy", 2), rawSpec("d")];
    const columns = {
      k: [7, 7, 7, 7, 7, 7],
      e: [null, null, null, null, null, null],
      d: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    };
    const findings = await found(columns, { ...spec, features });
    expect(said(findings)).toEqual([
      expect.stringContaining('feature "buy" reads the label "buy"'),
      'minor: columns in memory: column "e": no value: a zero vector',
      "minor: features.k: is the same in every row (row 7 of its table)",
      "minor: features.e: has no value in any row",
      "minor: features.d: is the same in every row (value 0.5)",
    ]);
  });

  test("rows with ids that training has not seen, by feature, whatever their encoding", async () => {
    const features = [
      ...spec.features,
      idSpec("word", { kind: "hash", size: 100_000 }),
      idSpec("tags", 10, { separator: "|" }),
      comboSpec("cross", ["user:word", "item:tags"], { kind: "hash", size: 100_000 }),
    ];
    const model = { ...spec, features };
    const text = { word: ["a", "b", "a", "b", "a", "b"], tags: ["1", "1|2", "2", "3", "1", "1"] };
    const training = await openTable({ ...good, ...text });
    expect(await found(text, model, training)).toEqual([]);
    const findings = await found(
      { user_id: [0, 1, 9, 3, 4, 5], word: ["a", "b", "c", "b", "a", "c"], tags: ["1", "1|4", "2", "3", "1", "1"] },
      model,
      training,
    );
    expect(findings.map(({ rows, message }) => [rows, message.match(/feature "(\w+)"/)?.[1]])).toEqual([
      [1, "user_id"],
      [2, "word"],
      [1, "tags"],
      [3, "cross"],
    ]);
    expect(findings[1]?.examples?.map(({ value }) => value)).toEqual(['"c"', '"c"']);
  });

  test("what the model lacks is among the findings, and the rest is checked all the same", async () => {
    const features = [idSpec("user_id", 0), rawSpec("price")];
    const findings = await found({ price: [1, 2, Number.NaN, 4, 5, 6] }, { ...spec, features });
    const paths = findings.filter(({ severity }) => severity === "error").map(({ path }) => path);
    expect(paths).toContain("features.user_id.encoding.count");
    expect(paths).toContain('columns in memory: column "price"');
  });

  test("a vocabulary file that is not there is a finding too", async () => {
    const features = [...spec.features, idSpec("word", { kind: "vocabFile", path: "absent.txt" })];
    expect((await found({}, { ...spec, features }))[0]).toMatchObject({ severity: "error", path: "absent.txt" });
  });
});

test("rows that come in many parts are counted together, and examples keep their rows", async () => {
  const rows = 300_000;
  const column = (of: (row: number) => number) => Int32Array.from({ length: rows }, (_, row) => of(row));
  const columns = {
    user_id: column((row) => (row === 290_000 ? 9 : row % 9)),
    scene: column((row) => row % 3),
    price: Float32Array.from({ length: rows }, (_, row) => (row < 150_000 ? 1 : 1 + 2 ** -23)),
    clk: column((row) => (row % 3 === 2 ? 0 : row % 2)),
    buy: column((row) => (row === 280_000 || row === 280_001 ? 1 : 0)),
  };
  const training = await openTable({ ...good, user_id: [0, 1, 2, 3, 4, 8] });
  const findings = await found(columns, spec, training);
  const source = "columns in memory";
  expect(said(findings)).toEqual([
    `serious: ${source}: column "clk": label "clk" is 0 in every row of domain 2 (live), so ranking and AUC are not possible`,
    `serious: ${source}: column "buy": label "buy" is 0 in every row of domain 0 (feed), so ranking and AUC are not possible`,
    `moderate: ${source}: column "buy": positive in rows where "clk" is not: the task's loss ignores these rows`,
    `minor: ${source}: column "user_id": contains ids of feature "user_id" that are missing in the training rows`,
  ]);
  expect(findings[2]).toMatchObject({ rows: 2, examples: [{ source, row: 280_000, value: "1" }, { row: 280_001 }] });
  expect(findings[3]?.rows).toBe(100_000);
  expect(findings[3]?.examples?.map(({ row }) => row)).toEqual([5, 6, 7, 14, 15]);
});

test("a rate that includes the label of its own row is found, one of earlier rows is not", async () => {
  const users = Array.from({ length: 900 }, (_, row) => (row * 7919) % 45);
  const clk = users.map((user, row) => Number((row * 104_729) % 101 < 20 + user));
  const [rows, positives] = [new Array<number>(45).fill(0), new Array<number>(45).fill(0)];
  const rates = users.map((user, row) => {
    const before = (positives[user]! + 1) / (rows[user]! + 3);
    rows[user]! += 1;
    positives[user]! += clk[row]!;
    return [before, (positives[user]! + 1) / (rows[user]! + 3)] as const;
  });
  const log = await openTable({
    user_id: users,
    ts: users.map((_, row) => 1_600_000_000 + 60 * row),
    clk,
    before: rates.map(([before]) => before),
    after: rates.map(([, after]) => after),
  });
  const model = modelSpec({
    features: [idSpec("user_id", 45), rawSpec("before"), rawSpec("after")],
    labels: ["clk"],
    towers: [towerSpec("ctr", "clk")],
  });
  const { findings } = await check(log.withRoles({ user: "user_id", time: "ts" }), model);
  const ahead = findings.filter(({ message }) => message.startsWith("looks ahead"));
  expect(ahead).toMatchObject([
    {
      severity: "serious",
      path: 'columns in memory: column "after"',
      message: expect.stringContaining(
        'from one row of a user_id to the next, its change tells the label "clk" of that next row',
      ),
      fix: 'compute it from earlier rows alone: data.priors(["clk"], { by: ["user_id"], delay: "1h" }) with your delay',
    },
  ]);
  expect((await check(log, model)).findings.filter(({ message }) => message.startsWith("looks ahead"))).toEqual([]);
});
