/** What a column says beside a label: numbers that name things, and stages of a funnel. Each rule has its null. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { codesGain, disguise, orderAuc } from "../../../src/core/data/check/column-signs.js";
import type { NumberColumn } from "../../../src/core/data/table/column.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { dataset, suggestModel } from "../../../src/index.js";
import { codes, friedman } from "../samples/published-formulas.js";

const integers = (values: readonly number[], valid: Uint8Array | null = null): NumberColumn => {
  return { kind: "number", type: "integer", values: Int32Array.from(values), valid };
};
const chance = (source: Random, rate: (row: number) => number, rows: number) =>
  Float32Array.from({ length: rows }, (_, row) => (source.uniform() < rate(row) ? 1 : 0));

describe("the order of ids", () => {
  /** Ids of 3,000 things, each with about two rows, and a rate of label for each. */
  const things = (seed: number, rate: (id: number, source: Random) => number) => {
    const source = random(seed);
    const rates = Array.from({ length: 3000 }, (_, id) => rate(id, source));
    const values = Array.from({ length: 6000 }, () => source.integer(3000));
    return { values, labels: chance(source, (row) => rates[values[row]!]!, 6000) };
  };

  test("that were given by the outcome is found, by rows of other ids alone", () => {
    const { values, labels } = things(1, (id) => (id % 200 < 20 ? 0.9 : 0.01));
    expect(orderAuc(integers(values), labels)).toBeGreaterThan(0.9);
  });

  test("is not what things have of their own, or a slow drift: none of 200 columns", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const own = things(seed, (_, source) => 0.6 * source.uniform() ** 4);
      const drift = things(seed, (id) => 0.05 + 0.1 * (id / 3000));
      expect([orderAuc(integers(own.values), own.labels), orderAuc(integers(drift.values), drift.labels)]).toEqual([
        null,
        null,
      ]);
    }
  });

  test("is named in the suggestion, with the splits that hold it apart", async () => {
    const { values, labels } = things(2, (id) => (id % 200 < 20 ? 0.9 : 0.01));
    const price = random(3);
    const rows = values.map((subject_id, row) => ({ subject_id, price: price.uniform(), y: labels[row]! }));
    const { columns } = await suggestModel(await dataset(rows), { labels: ["y"] });
    const [subject, other] = ["subject_id", "price"].map(
      (name) => columns.find(({ column }) => column === name)!.reason,
    );
    expect(subject).toMatch(
      /Beware: rows of the nearest other numbers tell "y" \(AUC 0\.9\d\d\).*subject_id in blocks/,
    );
    expect(other).not.toContain("Beware");
  });
});

/** Lines of letters: their rate rises with their number, and a fifth of them have one of 10 numbers with own rates. */
function countLog(source: ReturnType<typeof random>, effect: (line: number) => number) {
  const rows = Array.from({ length: 4000 }, () => {
    const isForm = source.uniform() < 1 / 5;
    const line = isForm ? 60 * source.integer(10) : source.integer(600);
    const own = isForm ? ((line / 60) % 2 === 0 ? 0.2 : -0.2) : effect(line);
    const rate = 0.2 + line / 1000 + own;
    return { lines: line, y: source.uniform() < rate ? 1 : 0 };
  });
  return { rows, lines: rows.map(({ lines }) => lines), y: Float32Array.from(rows, ({ y }) => y) };
}

describe("numbers that name things", () => {
  test("are found by the rates of their values on held-out rows", () => {
    const source = random(1);
    const effects = Array.from({ length: 300 }, () => 0.2 + 0.6 * source.uniform());
    const values = Array.from({ length: 6000 }, () => source.integer(300));
    const gain = codesGain(
      integers(values),
      chance(source, (row) => effects[values[row]!]!, 6000),
    );
    expect(gain).toMatchObject({ areNames: true, areOrdered: false });
    expect(gain.losses[1]).toBeLessThan(gain.losses[0]);
  });

  test.each([
    ["a line", (age: number) => 0.1 + 0.8 * (age / 80)],
    ["a hump", (age: number) => 0.8 * Math.exp(-(((age - 40) / 15) ** 2))],
    ["nothing", () => 0.3],
  ])("are not what follows %s: at most 1 in 100 columns by chance", (name, rate) => {
    let [named, ordered] = [0, 0];
    for (let seed = 1; seed <= 200; seed++) {
      const source = random(seed);
      const values = Array.from({ length: 3000 }, () => source.integer(80));
      const gain = codesGain(
        integers(values),
        chance(source, (row) => rate(values[row]!), 3000),
      );
      if (gain.areNames) named++;
      if (gain.areOrdered) ordered++;
    }
    expect(named).toBeLessThanOrEqual(2);
    if (name === "nothing") expect(ordered).toBeLessThanOrEqual(2);
    else expect(ordered).toBeGreaterThan(190);
  });

  test("are ids in a suggested model, and numbers stay numbers", async () => {
    const log = await suggestModel(await dataset(codes(12_000)), { labels: ["y"] });
    const byName = new Map(log.columns.map((each) => [each.column, each]));
    for (const name of ["app", "device", "os", "channel", "hour"]) {
      expect(byName.get(name)!.features).toContainEqual(expect.stringMatching(new RegExp(`^${name}(_id)?$`)));
      expect(byName.get(name)!.reason).toMatch(
        /ids, \d+ values(; those in fewer than 20 rows share a row)?: on held-out rows, a rate for each value predicts "y"/,
      );
      expect(log.code).toMatch(new RegExp(`idFeature\\("${name}(_id)?"\\)`));
    }
    const numbers = await suggestModel(await dataset(friedman(3000)), { labels: ["y"] });
    expect(numbers.code).not.toContain("idFeature");
    const rounded = friedman(6000).map(({ x1, x4, y }) => ({ x1: Math.round(300 * x1!), x4: Math.round(90 * x4!), y }));
    expect((await suggestModel(await dataset(rounded), { labels: ["y"] })).code).not.toContain("idFeature");
  });

  test("are not counts for which zero differs from the rest: at most 1 in 100", () => {
    let [named, ordered, unordered] = [0, 0, 0];
    for (let seed = 1; seed <= 200; seed++) {
      const source = random(seed);
      const pending = Array.from({ length: 4000 }, () => (source.uniform() < 0.7 ? 0 : 1 + source.integer(60)));
      const rate = (value: number): number => (value === 0 ? 0.15 : 0.02 + value / 100);
      const gain = codesGain(
        integers(pending),
        chance(source, (row) => rate(pending[row]!), 4000),
      );
      if (gain.areNames) named++;
      if (gain.areOrdered) ordered++;
      if (gain.areOrdered === false) unordered++;
    }
    expect(named).toBeLessThanOrEqual(2);
    expect(unordered).toBe(0);
    expect(ordered).toBeGreaterThan(190);
  });

  test("are numbers, too, while it is not certain that their order says nothing", async () => {
    const source = random(5);
    const rows = Array.from({ length: 3000 }, () => {
      const pending = source.uniform() < 0.7 ? 0 : 1 + Math.floor(20 * -Math.log(source.uniform()));
      return { pending, y: source.uniform() < (pending === 3 ? 0.7 : 0.15) ? 1 : 0 };
    });
    const [pending, y] = [rows.map((row) => row.pending), Float32Array.from(rows, (row) => row.y)];
    expect(codesGain(integers(pending), y)).toMatchObject({ areNames: true, areOrdered: null });
    const { columns } = await suggestModel(await dataset(rows), { labels: ["y"] });
    expect(columns[0]!.features).toEqual(["pending", "pending_pieces", "pending_id"]);
  });

  test("with an order have no ids in few rows that save hardly anything", async () => {
    const source = random(2);
    const rows = Array.from({ length: 12_000 }, () => {
      const flight = Math.floor(4000 * source.uniform() ** 1.5);
      const own = flight % 2 === 0 ? 0.12 : -0.12;
      return { flight, y: source.uniform() < 0.2 + flight / 8000 + own ? 1 : 0 };
    });
    const gain = codesGain(
      integers(rows.map(({ flight }) => flight)),
      Float32Array.from(rows, ({ y }) => y),
    );
    expect(gain).toMatchObject({ areNames: true, rareAreNames: true, rarePay: false, areOrdered: true });
    const { code } = await suggestModel(await dataset(rows), { labels: ["y"] });
    expect(code).toContain('.expression("context:flight").vocab({ minCount: 20 })');
  });

  test("with an order are ids and numbers, and train", async () => {
    const source = random(3);
    const rows = Array.from({ length: 4000 }, () => {
      const hour = source.integer(60);
      const rate = 0.1 + 0.01 * hour + (hour % 2 === 0 ? 0.2 : 0);
      return { hour, y: source.uniform() < rate ? 1 : 0 };
    });
    const data = await dataset(rows);
    const { columns, model } = await suggestModel(data, { labels: ["y"] });
    expect(columns[0]!.features).toEqual(["hour", "hour_pieces", "hour_id"]);
    expect(columns[0]!.reason).toContain("; and as ids, 60 values");
    const run = await model.fit(data, { steps: 2, quiet: true });
    expect(run.history.points.length).toBeGreaterThan(0);
  });

  test("whose rare values follow their neighbours are ids where they are frequent: at most 2 in 100 are not", async () => {
    let rare = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { rows, lines, y } = countLog(random(seed), () => 0);
      if (codesGain(integers(lines), y).rareAreNames) rare++;
      if (seed > 1) continue;
      const { columns, code } = await suggestModel(await dataset(rows), { labels: ["y"] });
      expect(code).toContain('idFeature("lines_id").expression("context:lines").vocab({ minCount: 20 })');
      expect(columns[0]!.reason).toContain(" values; those in fewer than 20 rows share a row: on held-out rows");
    }
    expect(rare).toBeLessThanOrEqual(4);
  });

  test("whose rare values differ from their neighbours, too, are ids from two rows on", async () => {
    const { rows, lines, y } = countLog(random(1), (line) => (line % 2 === 0 ? 0.2 : -0.2));
    expect(codesGain(integers(lines), y)).toMatchObject({ areNames: true, rareAreNames: true, areOrdered: true });
    const { code } = await suggestModel(await dataset(rows), { labels: ["y"] });
    expect(code).toContain('idFeature("lines_id").expression("context:lines").vocab({ minCount: 2 })');
  });

  test("are not almost a value per row", async () => {
    const source = random(4);
    const pairs = Array.from({ length: 2000 }, (_, row) => ({ code: 7919 * (row >> 1), y: 0 }));
    const rows = pairs.map((row, at) => ({ ...row, y: at % 2 === 1 && pairs[at - 1] ? source.integer(2) : 0 }));
    const { columns } = await suggestModel(await dataset(rows), { labels: ["y"] });
    expect(columns[0]!.features).not.toContain("code_id");
  });
});

describe("another stage of a label", () => {
  /** A visit in 15% of the rows, of which 4% buy for an amount. */
  const funnel = Array.from({ length: 20_000 }, (_, row) => {
    const source = random(row + 1);
    source.uniform();
    const visit = source.uniform() < 0.15 ? 1 : 0;
    const bought = visit === 1 && source.uniform() < 0.04;
    const spend = bought ? 5 + source.uniform() : 0;
    return { visit, conversion: bought ? 1 : 0, spend, paid_at: bought ? 20_000 + source.integer(900) : null };
  });

  test("that comes later is left out, however few rows reach it, with the task space to use", async () => {
    const { columns } = await suggestModel(await dataset(funnel.map((row, at) => ({ ...row, age: at % 71 }))), {
      labels: ["visit"],
    });
    for (const name of ["conversion", "spend", "paid_at"]) {
      const { features, reason } = columns.find(({ column }) => column === name)!;
      expect(features).toEqual([]);
      expect(reason).toContain('a later stage of the label "visit"');
    }
    expect(columns.find(({ column }) => column === "conversion")!.reason).toContain(
      'use labels: ["visit", "conversion"], with .taskSpace("visit", { out: 0 }) in the tower of "conversion"',
    );
    expect(columns.find(({ column }) => column === "spend")!.reason).toContain(
      "where it is not 0, the label is always 1",
    );
    expect(columns.find(({ column }) => column === "age")!.features).not.toEqual([]);
  });

  test("that comes earlier is left out too", async () => {
    const rows = funnel.map(({ visit, conversion }, at) => ({ visit, conversion, age: at % 71 }));
    const { columns } = await suggestModel(await dataset(rows), { labels: ["conversion"] });
    const { features, reason } = columns[0]!;
    expect(features).toEqual([]);
    expect(reason).toContain('an earlier stage of the label "conversion": where it is 0, the label is always 0');
    expect(reason).toContain('labels: ["visit", "conversion"], with .taskSpace("visit", { out: 0 })');
  });

  test.each([
    ["0", "1"],
    ["False", "True"],
    ["FALSE", "TRUE"],
  ])(
    "that comes earlier, as %s and %s, is a label with a task space, or kept if it is known before",
    async (no, yes) => {
      const folder = await mkdtemp(join(tmpdir(), "pepnet-known-"));
      const file = join(folder, "funnel.csv");
      const lines = funnel.map(({ visit, conversion }, at) => `${visit === 1 ? yes : no},${conversion},${at % 71}`);
      await writeFile(file, ["visit,conversion,age", ...lines].join("\n"));
      const data = await dataset(file);
      const { columns } = await suggestModel(data, { labels: ["conversion"] });
      const { features, reason } = columns[0]!;
      expect(features).toEqual([]);
      expect(reason).toContain('an earlier stage of the label "conversion"');
      const { code } = await suggestModel(data, { labels: ["visit", "conversion"] });
      expect(code).toContain("conversion");
      expect(reason).toContain('labels: ["visit", "conversion"], with .taskSpace("visit", { out: 0 })');
      const option = /\{ known: \["visit"\] \} of suggestModel keeps it$/.exec(reason);
      expect(option).not.toBeNull();
      const known = await suggestModel(data, { labels: ["conversion"], known: ["visit"] });
      expect(known.columns[0]!.features).toEqual(["visit"]);
      const wrong = suggestModel(data, { labels: ["conversion"], known: ["visits"] });
      await expect(wrong).rejects.toThrow('did you mean "visit"');
      await rm(folder, { recursive: true });
    },
  );

  test("is not an honest feature, also a strong and rare one: at most 1 in 100", () => {
    let guilty = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const source = random(seed);
      const values = Array.from({ length: 3000 }, () => (source.uniform() < 0.05 ? 1 + source.integer(3) : 0));
      const labels = chance(source, (row) => (values[row] === 0 ? 0.3 : 0.95), 3000);
      if (disguise(integers(values), labels) !== null) guilty++;
    }
    expect(guilty).toBeLessThanOrEqual(3);
  });

  test("needs rows enough: 100 without an exception, but not 40", () => {
    const source = random(9);
    const at = (count: number) => {
      const values = Array.from({ length: 2000 }, (_, row) => (row % Math.round(2000 / count) === 0 ? 7 : 0));
      return disguise(
        integers(values),
        chance(source, (row) => (values[row] === 7 ? 1 : 0.3), 2000),
      );
    };
    expect(at(100)).toEqual({ why: "where it is 7, the label is always 1", stage: "later" });
    expect(at(40)).toBeNull();
  });
});
