/** `suggestModel` reads the columns of a data set, and proposes a model that can be pasted, edited and trained. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { random } from "../../src/core/util/random.js";
import * as builder from "../../src/index.js";
import { dataset, pepnet, rawFeature, suggestModel } from "../../src/index.js";
import { faultsOf } from "../docs/typescript-blocks.js";

const words = ["quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "runs"];

/** Rows with every kind of column, and every trap. */
function shopRows(count: number): Record<string, unknown>[] {
  const source = random(5);
  const pick = <T>(values: readonly T[]): T => values[source.integer(values.length)]!;
  return Array.from({ length: count }, (_, row) => {
    const age = 18 + source.integer(60);
    const user = source.integer(80);
    const bought = source.uniform() < (age > 45 ? 0.7 : 0.3);
    const urgent = bought && source.uniform() < 0.4;
    return {
      row_number: row,
      request: `r-${row}-${source.integer(1e6)}`,
      user_id: `u${user}`,
      item_id: source.integer(300),
      surface: pick(["home", "search", "push"]),
      age,
      price: source.uniform() < 0.1 ? null : Math.round(Math.exp(source.normal() * 2 + 3) * 100) / 100,
      city: source.uniform() < 0.2 ? null : pick(["Oslo", "Rome", "Bonn"]),
      tags: `${pick(words)}|${pick(words)}`,
      comment: Array.from({ length: 8 }, () => pick(words)).join(" "),
      ts: 1_700_000_000 + row * 61,
      signup: `2023-0${1 + source.integer(9)}-1${source.integer(9)}`,
      version: 3,
      empty: null,
      spend: bought ? 5 + source.uniform() : 0,
      urgent: urgent ? 1 : 0,
      member: pick([true, false]),
      stars: 1 + source.integer(5),
      status: bought ? "paid" : "open",
      clk: bought || source.uniform() < 0.1 ? 1 : 0,
    };
  });
}

const rows = shopRows(3000);
const options = { labels: ["status"], domain: "surface", user: "user_id", item: "item_id" };
const suggested = dataset(rows).then((data) => suggestModel(data, options));
const reasonFor = async (column: string) => (await suggested).columns.find((each) => each.column === column)!;

describe("each column has features, or a reason why not", () => {
  test.each([
    ["row_number", [], "left out: a number per row"],
    ["request", [], "left out: a value per row"],
    ["comment", [], "left out: a"],
    ["version", [], "left out: constant"],
    ["empty", [], "left out: no values"],
    ["spend", [], 'left out: the label "status" in disguise: alone it ranks the label'],
    ["urgent", [], 'left out: the label "status" in disguise: where it is 1, the label is always'],
    ["status", [], "label: 1 for"],
    ["surface", ["surface"], "the domain"],
    ["user_id", ["user_id"], "an id"],
    ["item_id", ["item_id"], "an id"],
    ["age", ["age", "age_pieces"], "a number, scaled"],
    ["stars", ["stars", "stars_pieces"], "a number, scaled"],
    ["price", ["price", "price_pieces", "price_missing"], "a number with a long tail"],
    ["city", ["city"], "missing, as a separate value"],
    ["tags", ["tags"], "text with few values"],
    ["ts", ["ts_hour", "ts_weekday"], "seconds since 1970"],
    ["signup", ["signup_weekday"], "a date"],
    ["member", ["member"], "yes or no"],
  ])("%s", async (column, features, reason) => {
    const found = await reasonFor(column);
    expect(found.features).toEqual(features);
    expect(found.reason).toContain(reason);
  });
});

describe("the code", () => {
  test("builds the same model when it is run", async () => {
    const { code, model } = await suggested;
    const names = { ...builder, pepnet };
    const run = new Function(...Object.keys(names), `${code}\nreturn model;`);
    expect(run(...Object.values(names)).spec).toEqual(model.spec);
  });

  test.skipIf(!existsSync(path.resolve(__dirname, "../../dist/index.js")))(
    "compiles under the strict compiler",
    async () => {
      const { code, imports } = await suggested;
      expect(faultsOf([{ place: "suggested", code: `${imports}\n${code}\nmodel.toConfig();` }])).toEqual([]);
    },
  );

  test("trains, and ranks better than chance", async () => {
    const { model } = await suggested;
    const { train, held } = await (await dataset(rows)).split({ train: 8, held: 2 }, { leaks: null });
    const run = await model
      .train({ epochs: 10, batchSize: 64 })
      .fit(train, { validation: held, earlyStopping: true, quiet: true });
    const [task] = (await run.evaluate(held)).tasks;
    expect(task!.overall.auc).toBeGreaterThan(0.6);
    expect(run.model.toConfig()).toContain("vocab_list");
  });

  test("is shown with its reasons", async () => {
    const text = (await suggested).text();
    expect(text).toContain("// version     left out: constant");
    expect(text).toContain('.group("uia", ["user_id", "item_id"])');
    expect(text).not.toContain("no PPNet");
    const bare = (await suggestModel(rows, { labels: ["clk"] })).text();
    expect(bare).toContain('// no PPNet: it needs ids, such as { user: "user_id", item: "item_id" }');
    expect(bare).toContain("// no EPNet");
    expect((await suggested).rows()[0]).toMatchObject({ column: "row_number", features: "" });
  });
});

describe("a table of 300 columns", () => {
  const source = random(11);
  const wide = Array.from({ length: 400 }, (_, row) => {
    const cells = Array.from({ length: 300 }, (_, at): [string, unknown] => {
      if (at % 10 === 7) return [`place_${at}`, `p${source.integer(3 + (at % 5))}`];
      if (at % 10 === 8) return [`visits ${at}`, source.integer(4 + at)];
      const amount = source.uniform() < 0.1 && at % 3 === 0 ? null : source.normal();
      return [at === 20 ? `the "\`\${odd}\`" one` : `amount_${at}`, amount];
    });
    return {
      ...Object.fromEntries(cells),
      missing: source.uniform() < 0.1 ? null : "a",
      shop: row % 2,
      clk: (row >> 1) % 2,
    };
  });
  const suggested = suggestModel(wide, { labels: ["clk"], domain: "shop" });

  test("fits two screens, in code that builds the same model", async () => {
    const { code, model, columns } = await suggested;
    expect(columns.length).toBe(303);
    expect((await suggested).text().split("\n").length).toBeLessThan(100);
    expect(Math.max(...code.split("\n").map((line) => line.length))).toBeLessThan(140);
    const run = new Function(...Object.keys(builder), `${code}\nreturn model;`);
    expect(run(...Object.values(builder)).spec).toEqual(model.spec);
    const fitted = await model.fit(wide, { steps: 2, quiet: true });
    expect(fitted.history.points).toHaveLength(2);
  });

  test.skipIf(!existsSync(path.resolve(__dirname, "../../dist/index.js")))(
    "in code that compiles under the strict compiler",
    async () => {
      const { code, imports } = await suggested;
      expect(faultsOf([{ place: "suggested", code: `${imports}\n${code}\nmodel.toConfig();` }])).toEqual([]);
    },
  );
});

describe("labels", () => {
  const label = async (name: string) => (await suggestModel(rows, { labels: [name] })).code;
  test("of 0 and 1 are the column", async () => expect(await label("clk")).toContain('.labels("clk")'));
  test("of booleans are the column", async () => expect(await label("member")).toContain('.labels("member")'));
  test("of numbers are their larger half", async () =>
    expect(await label("stars")).toContain('.labels(label("stars").atLeast('));
  test("of numbers name the regression", async () => {
    const { columns } = await suggestModel(rows, { labels: ["stars"] });
    expect(columns.find(({ column }) => column === "stars")!.reason).toContain(
      "predict the number itself with .l2().mse()",
    );
  });
  test("without a value in some rows are refused, with the filter that helps", async () => {
    const gaps = rows.map((row, at) => ({ ...row, clk: at < 12 ? null : row.clk }));
    const error = await suggestModel(gaps, { labels: ["clk"] }).catch(String);
    expect(error).toContain("12 rows without a value");
    const kept = await (await dataset(gaps)).where('"clk" is not null');
    expect((await suggestModel(kept, { labels: ["clk"] })).code).toContain('.labels("clk")');
  });
  test.each(["number", "boolean"])("of a later stage as a %s are filled, as the fix says", async (type) => {
    const later = (value: boolean) => (type === "boolean" ? value : Number(value));
    const funnel = rows.map((row, at) => ({ ...row, liked: row.clk === 1 ? later(at % 3 === 0) : null }));
    const asked = { labels: ["clk", "liked"], user: "user_id" };
    const error = await suggestModel(funnel, asked).catch(String);
    const [, derived] = /this later stage of "clk", data\.derive\((.*)\), and add \.taskSpace\("clk"/.exec(
      error as string,
    )!;
    const filled = await (await dataset(funnel)).derive(new Function(`return ${derived}`)());
    const { code, model } = await suggestModel(filled, asked);
    expect(code).toContain('.labels("clk", "liked")');
    expect(code).toContain('tower("liked", (t) => t.label("liked").mlp');
    const run = await model
      .tower("among", (t) => t.label("liked").mlp(4).bce().auc().taskSpace("clk", { out: 0 }))
      .fit(filled, { steps: 2, quiet: true });
    expect(run.evaluation!.tasks).toHaveLength(3);
    // Gaps that no other label explains are not filled.
    const other = funnel.map((row, at) => (at === 5 ? { ...row, clk: 1, liked: null } : row));
    expect(await suggestModel(other, asked).catch(String)).toContain("keep the rows with a label");
  });
  test("and so are domains", async () => {
    const gaps = rows.map((row, at) => ({ ...row, surface: at < 7 ? null : row.surface }));
    const error = await suggestModel(gaps, options).catch(String);
    expect(error).toMatch(/column "surface": the domain has no value[\s\S]*7 rows without/);
    const kept = await (await dataset(gaps)).where('"surface" is not null');
    expect((await suggestModel(kept, options)).code).toContain('.domains("surface"');
  });
  test("of many texts are refused", async () =>
    await expect(label("comment")).rejects.toThrow("does not suggest a label"));
});

describe("whole numbers", () => {
  const effects = Array.from({ length: 60 }, (_, code) => 1.5 * random(code + 1).normal());
  /** A code and a scene of 5, with or without gaps, as a program writes them. */
  async function written(write: (value: number) => string, gaps: number): Promise<string> {
    const source = random(8);
    const lines = Array.from({ length: 4000 }, () => {
      const [code, few, second] = [source.integer(60), source.integer(5), 1_700_000_000 + source.integer(1e7)];
      const y = source.uniform() < 1 / (1 + Math.exp(-effects[code]!)) ? 1 : 0;
      const cells = [code, few, second].map((value) => (source.uniform() < gaps ? "" : write(value)));
      return [...cells, (10 * source.uniform()).toFixed(2), y].join(",");
    });
    const file = path.join(await mkdtemp(path.join(tmpdir(), "pepnet-suggest-")), "log.csv");
    await writeFile(file, ["code,few,seconds,price,y", ...lines].join("\n"));
    const { code } = await suggestModel(await dataset(file), { labels: ["y"] });
    await rm(path.dirname(file), { recursive: true });
    return code;
  }

  test.each([0, 0.05])(
    "are whole also where 1 is written as 1.0, as pandas does, with %s of the cells empty",
    async (gaps) => {
      const plain = await written(String, gaps);
      expect(plain).toMatch(/idFeature\("code"\)[\s\S]*rawFeature\("few"\)[\s\S]*dateFeature\("seconds", "hour"/);
      expect(await written((value) => value.toFixed(1), gaps)).toBe(plain);
      expect(await written((value) => (value + 0.5).toFixed(1), gaps)).not.toContain("idFeature");
    },
  );

  test.each([49_999, 50_001, 120_000])(
    "of %s rows are no ids if one is a fraction, in whichever row",
    async (count) => {
      const source = random(3);
      const y = Uint8Array.from({ length: count }, () => source.integer(2));
      for (const row of [1, count >> 1, count - 2]) {
        const code = Float64Array.from({ length: count }, () => source.integer(2));
        const same = code.slice();
        code[row] = 1.5;
        const { columns } = await suggestModel({ code, same, y }, { labels: ["y"] });
        expect(columns.map(({ reason }) => reason)).toEqual([
          expect.stringMatching(/^a number, scaled/),
          expect.stringMatching(/^whole numbers with few values/),
          expect.stringMatching(/^label/),
        ]);
      }
    },
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "numbers with %s are left out, with a fix that works",
  async (odd) => {
    const odds = rows.map((row, at) => ({ ...row, weight: at % 9 === 0 ? odd : at % 10 === 0 ? null : (at % 7) / 3 }));
    const asked = { labels: ["clk"], user: "user_id" };
    const { columns, model } = await suggestModel(odds, asked);
    const { reason, features } = columns.find(({ column }) => column === "weight")!;
    expect(features).toEqual([]);
    const [, derived] = /NaN or infinite in some rows: await data\.derive\((.*)\); then suggestModel/.exec(reason)!;
    expect((await model.fit(odds, { steps: 2, quiet: true })).history.points).toHaveLength(2);
    const data = await (await dataset(odds)).derive(new Function(`return ${derived}`)());
    const again = await suggestModel(data, asked);
    expect(again.code).toContain('rawFeature("weight").zscore()');
    expect((await again.model.fit(data, { steps: 2, quiet: true })).history.points).toHaveLength(2);
    // A model of one's own says the same.
    const own = pepnet().features(rawFeature("weight").zscore().default(0)).labels("clk");
    const fitted = own.tower("t", (t) => t.label("clk").mlp(4).bce()).fit(odds, { steps: 2, quiet: true });
    await expect(fitted).rejects.toThrow(`fix: await data.derive(${derived})`);
  },
);

describe("what cannot be suggested is refused", () => {
  test("columns that do not exist, all at once", async () => {
    const message = await suggestModel(rows, { labels: ["status", "clik"], domain: "surfac" }).catch(
      (error: Error) => error.message,
    );
    expect(message).toContain('did you mean "clk"?');
    expect(message).toContain('did you mean "surface"?');
  });
  test("no labels", async () =>
    await expect(suggestModel(rows, { labels: [] })).rejects.toThrow("labels are required"));
  test("a domain with too many values", async () => {
    await expect(suggestModel(rows, { labels: ["clk"], domain: "comment" })).rejects.toThrow(
      "does not suggest domains",
    );
  });
});

describe("a domain of 60 values", () => {
  const many = Array.from({ length: 1200 }, (_, row) => ({
    shop: row % 60,
    brand: `b${row % 60}`,
    price: row % 77,
    clk: row % 3 === 0 ? 1 : 0,
  }));
  test.each(["shop", "brand"])("is known to EPNet's gate, and shares a tower, with the reason: %s", async (domain) => {
    const suggested = await suggestModel(many, { labels: ["clk"], domain });
    expect(suggested.code).toContain(`.group("domain", ["${domain}"])\n  .epnet()`);
    expect(suggested.code).not.toContain(".domains(");
    expect(suggested.text()).toContain(`one tower for all values of "${domain}", more than 50`);
    expect((await suggested.model.fit(many, { steps: 2, quiet: true })).notes).toBeDefined();
  });
  test("with fewer than ten rows each is none", async () => {
    const rare = many.slice(0, 599);
    await expect(suggestModel(rare, { labels: ["clk"], domain: "shop" })).rejects.toThrow("does not suggest domains");
  });
});

test.each([
  [20, false],
  [120, true],
])("EPNet's gate over %i text columns is narrower than its inputs: %s", async (columns, isNarrow) => {
  const wide = Array.from({ length: 300 }, (_, row) => {
    const texts = Array.from({ length: columns }, (_, at) => [`c${at}`, `v${(row * (at + 3)) % 7}`]);
    return { shop: row % 2, clk: row % 3 === 0 ? 1 : 0, ...Object.fromEntries(texts) };
  });
  const suggested = await suggestModel(wide, { labels: ["clk"], domain: "shop" });
  // 121 features of 8: 968 inputs, of which 400,000 weights allow 409 units.
  expect(suggested.code.includes(".epnet({ hidden: 256 })")).toBe(isNarrow);
  expect(suggested.text().includes("EPNet's gate has 256 hidden units")).toBe(isNarrow);
});

test.each([
  [99_999, {}, true, true],
  [99_999, { user: "user" }, true, false],
  [100_000, {}, false, false],
])("%i rows with %o: settings of small tables %s, one tower for all domains %s", async (rows, keys, isSmall, isOne) => {
  const columns = (values: (row: number) => number): Int32Array =>
    Int32Array.from({ length: rows }, (_, row) => values(row));
  const data = {
    user: columns((row) => row % 5000),
    shop: columns((row) => row % 3),
    clk: columns((row) => (row % 7) & 1),
  };
  const suggested = await suggestModel(data, { labels: ["clk"], domain: "shop", ...keys });
  const { spec } = suggested.model;
  expect(spec.switches.sharedTowers).toBe(isOne);
  expect(suggested.text().includes("one tower for all domains")).toBe(isOne);
  expect(suggested.text().includes("a tower per value")).toBe(!isOne);
  const widths = spec.features.map((feature) => (feature.kind === "id" ? feature.embeddingDim : null));
  expect([...new Set(widths.filter((width) => width !== null))]).toEqual([isSmall ? 8 : 16]);
  // Averages over 0.4 of an epoch of 98 steps.
  expect(spec.training.emaDecay).toBe(isSmall ? 0.974 : null);
  expect(spec.towers[0]?.mlp?.dropout).toEqual(isSmall ? [0.2] : []);
});

test("texts of numbers and dates are left out, with the conversion that makes them features", async () => {
  const texts = Array.from({ length: 200 }, (_, row) => ({
    price: `1.${100 + row},5`,
    day: `${1 + (row % 28)}.04.2024`,
    us: `4/${1 + (row % 28)}/2024 10:30`,
    name: `n${row % 5}`,
    clk: row % 3 === 0 ? 1 : 0,
  }));
  const { columns } = await suggestModel(texts, { labels: ["clk"] });
  const reasonOf = (name: string) => columns.find(({ column }) => column === name)!.reason;
  expect(columns.filter(({ features }) => features.length === 0).map(({ column }) => column)).toEqual([
    "price",
    "day",
    "us",
    "clk",
  ]);
  expect(reasonOf("price")).toContain(
    "left out: text of numbers with points between thousands and a decimal comma: await data.derive({ price: ",
  );
  const sql = (name: string) => JSON.parse(/derive\(\{ \w+: (".*?") \}\)/.exec(reasonOf(name))![1]!) as string;
  const derived = (await dataset(texts)).derive({ price: sql("price"), day: sql("day"), us: sql("us") });
  const [first] = await derived.head(1);
  expect(first).toMatchObject({ price: 1100.5, day: new Date("2024-04-01"), us: new Date("2024-04-01T10:30:00Z") });
  const again = await suggestModel(derived, { labels: ["clk"] });
  expect(again.columns.filter(({ features }) => features.length === 0).map(({ column }) => column)).toEqual(["clk"]);
});

test("free text is left out, unless many rows share a text: those are learned, and rank rows", async () => {
  const source = random(5);
  const word = () => ["bird", "left", "engine", "at", "dusk", "seen", "twice"][source.integer(7)]!;
  const notes = () => Array.from({ length: 6 }, word).join(" ");
  const rows = Array.from({ length: 3000 }, (_, row) => {
    const y = source.uniform() < 0.3 ? 1 : 0;
    return { id: row, y, own: notes(), often: source.uniform() < (y === 1 ? 0.02 : 0.2) ? "NO DAMAGE" : notes() };
  });
  const data = await dataset(rows);
  const { columns, model } = await suggestModel(data, { labels: ["y"] });
  const reason = (name: string) => columns.find(({ column }) => column === name)!.reason;
  expect(reason("own")).toMatch(/^left out: (free text|almost a value per row)$/);
  expect(reason("often")).toMatch(/some repeats, such as "NO DAMAGE": text: .*those in fewer than 2 rows share a row/);
  const run = await model.fit(data, { epochs: 2, quiet: true });
  expect((await run.evaluate(data)).auc("y")!).toBeGreaterThan(0.55);
});

test("leaves out a user or item column with a value per row, and the model trains", async () => {
  const rows = Array.from({ length: 400 }, (_, row) => row);
  const data = await dataset({
    uid: rows.map((row) => `u${row}`),
    item: rows.map((row) => row % 20),
    clk: rows.map((row) => Number((row * 7919) % 97 < 40)),
  });
  for (const keys of [{ user: "uid" }, { user: "uid", item: "item" }, { user: "item", item: "uid" }]) {
    const suggested = await suggestModel(data, { labels: ["clk"], ...keys });
    expect(suggested.columns.find(({ column }) => column === "uid")).toMatchObject({
      features: [],
      reason: expect.stringContaining("a value per row"),
    });
    const { history } = await suggested.model.fit(data, { steps: 2 });
    expect(history.points.at(-1)?.step).toBe(2);
  }
});

test("ids that all have few rows keep a vocabulary, so that the model can be fitted", async () => {
  const rows = 12_000;
  const pupils = await dataset({
    pupil: Array.from({ length: rows }, (_, row) => `p${row % 4000}`),
    age: Array.from({ length: rows }, (_, row) => row % 13),
    passed: Array.from({ length: rows }, (_, row) => Number((row * 7919) % 11 < 5)),
  });
  const { model, code } = await suggestModel(pupils, { labels: ["passed"] });
  expect(code).toContain('idFeature("pupil").vocab({ minCount: 2 })');
  await (await model.fit(pupils, { quiet: true, steps: 2, floor: false })).dispose();
});
