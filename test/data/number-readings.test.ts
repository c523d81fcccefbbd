/** Columns of numbers as people write them: each piece of advice, typed as it is, against the numbers that were written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { DataError } from "../../src/errors/index.js";
import { type Dataset, dataset, idFeature, label, pepnet, rawFeature, suggestModel } from "../../src/index.js";
import { random } from "../../src/util/random.js";

type Cell = string | null;

type Row = { readonly x: Cell; readonly shop: string; readonly y: number };

/** Rows with the cells as column `x`, a column that is a feature in any case, and a label. */
function rowsWith(cells: readonly Cell[]): Row[] {
  const source = random(3);
  return cells.map((x) => ({ x, shop: "abcde"[source.integer(5)]!, y: source.integer(2) }));
}

/** The cells, repeated for a first model. */
function rowsOf(cells: readonly Cell[]): Row[] {
  return rowsWith(Array.from({ length: Math.ceil(60 / cells.length) }, () => cells).flat());
}

async function reasonOf(data: Dataset, column = "x"): Promise<string> {
  const { columns } = await suggestModel(data, { labels: ["y"] });
  return columns.find((each) => each.column === column)!.reason;
}

async function problemOf(work: Promise<unknown>): Promise<{ message: string; fix: string }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  const [{ message, fix = "" } = { message: "" }] = (error as DataError).problems;
  return { message, fix };
}

/** Types each `await data.derive(…)` of a text as it is, and returns the column's numbers of each. */
async function typed(text: string, data: Dataset, column = "x"): Promise<unknown[][]> {
  const calls = text.match(/await data\.derive\(\{.*?" \}\)/g) ?? [];
  const results: unknown[][] = [];
  for (const call of calls) {
    const run = new Function("data", `return (async () => ${call})()`) as (data: Dataset) => Promise<Dataset>;
    const { table } = await run(data);
    expect(table.info(column)?.type).toBe("float");
    results.push(await table.column(column));
  }
  return results;
}

const nonBreaking = "\u00a0";
const narrow = "\u202f";

/** Cells, and the numbers of each reading that fits all of them. */
const columns: readonly (readonly [
  what: string,
  cells: readonly Cell[],
  ...readings: readonly (readonly (number | null)[])[],
])[] = [
  ["a comma before three digits", ["2,240", "480", "-7,000"], [2240, 480, -7000], [2.24, 480, -7]],
  ["a comma, and a point elsewhere", ["2,240", "480.5"], [2240, 480.5]],
  ["a comma before two digits", ["2,24", "480"], [2.24, 480]],
  ["a comma before four digits", ["2,240", "1,2345"], [2.24, 1.2345]],
  ["a comma after a zero", ["0,240", "1,480"], [0.24, 1.48]],
  ["a comma after four digits", ["1234,567", "2,240"], [1234.567, 2.24]],
  ["two commas", ["1,234,567", "2,240"], [1234567, 2240]],
  ["commas and a point", ["1,234.50", "12", "-0.5"], [1234.5, 12, -0.5]],
  ["Indian groups", ["12,34,567", "2,240"], [1234567, 2240]],
  ["Indian groups and a point", ["1,23,456.50", "999", "-1,00,00,000"], [123456.5, 999, -1e7]],
  ["Indian groups and groups of three", ["12,34,567", "123,456"]],
  ["points and a comma", ["1.100,5", "890", "1.234"], [1100.5, 890, 1234]],
  ["two points", ["1.234.567", "12"], [1234567, 12]],
  ["two points, and one as decimal", ["1.234.567", "12.5"]],
  ["a comma in one cell, a point in another", ["1,234", "5.678"], [1234, 5.678], [1.234, 5678]],
  ["both orders of marks", ["1.234,50", "1,234.50"]],
  [
    "three kinds of blanks",
    ["1 234,5", `1${nonBreaking}234`, `-1${narrow}234${narrow}567,25`],
    [1234.5, 1234, -1234567.25],
  ],
  ["blanks and a point", ["1 234.5", "7"], [1234.5, 7]],
  ["blanks alone", ["1 234", "56"], [1234, 56]],
  ["blanks at the ends", [" 1,5 ", `2,5${nonBreaking}`, "3"], [1.5, 2.5, 3]],
  ["blanks at the ends of thousands", [" 1,234", "1,234.5 "], [1234, 1234.5]],
  ["apostrophes and a point", ["1'234.50", "1’234", "8"], [1234.5, 1234, 8]],
  ["apostrophes and a comma", ["1'234,50", "12'345'678"], [1234.5, 12345678]],
  ["one typographic apostrophe", ["1’234", "5"], [1234, 5]],
  ["signs", ["−1.234,5", "+2,5", "-3"], [-1234.5, 2.5, -3]],
  ["a minus sign alone", ["−1.5", "3"], [-1.5, 3]],
  ["a minus sign before three digits", ["−1.234", "3"], [-1.234, 3], [-1234, 3]],
  ["exponents", ["1,5E+03", "2,5e-2"], [1500, 0.025]],
  ["no digit before the comma", [",5", "-,25"], [0.5, -0.25]],
  ["empty cells", ["1,5", "", "  ", null, nonBreaking], [1.5, null, null, null, null]],
  ["a word", ["1,5", "unknown"]],
  ["NA", ["1,5", "NA"]],
  ["NaN", ["1,5", "nan"]],
  ["infinity", ["1,5", "inf"]],
  ["a number beyond float64", ["1,5", "1e999"]],
  ["a currency", ["$1,234.50", "$2"]],
  ["a percent sign", ["1,5%", "2,5%"]],
  ["lists of numbers", ["1,2,3", "4,5"]],
  ["a group of zeros first", ["0,001,234", "5"]],
  ["a group of two digits", ["1 23", "4"]],
  ["Indian groups of blanks", ["12 34 567", "4"]],
  ["a comma and a blank", ["1,234 567", "4"]],
  ["two separators in a number", ["1,234'567", "4"]],
  ["a comma at the end", ["5,", "6,5"]],
  ["two signs", ["--1,5", "6,5"]],
  ["points of a version", ["1.2.3", "1.10.0"]],
];

const cases = columns.map(([what, cells, ...readings]) => ({ what, cells, readings }));

describe("a column of text", () => {
  it.each(cases)("with $what is left out with the calls that make it numbers", async ({ cells, readings }) => {
    const data = await dataset(rowsOf(cells));
    const reason = await reasonOf(data);
    const repeated = (values: readonly (number | null)[]) =>
      Array.from({ length: data.rows }, (_, row) => values[row % values.length]);
    expect(await typed(reason, data)).toEqual(readings.map(repeated));
    if (readings.length > 0) expect(reason).toMatch(/^left out: text of numbers /);
    if (readings.length === 2) {
      const first = cells.find((cell) => cell !== null && /[,−]/.test(cell))!;
      const at = cells.indexOf(first);
      expect(reason).toMatch(
        new RegExp(`if "${first}" is ${readings[0]![at]}, or .* if "${first}" is ${readings[1]![at]}`),
      );
    }
  });

  it.each(cases)("with $what is refused by a raw feature with the same calls", async ({ cells, readings }) => {
    const data = await dataset(rowsOf(cells));
    const model = pepnet()
      .features(rawFeature("x").zscore())
      .labels("y")
      .tower("y", (t) => t.label("y").mlp(4).bce());
    const { message, fix } = await problemOf(model.fit(data));
    expect(message).toContain("not a finite number");
    expect((await typed(fix, data)).map((values) => values.slice(0, cells.length))).toEqual(readings);
    const found = (await data.check(model)).findings.find((finding) => finding.severity === "error")!;
    expect(found.fix ?? "").toBe(fix);
  });
});

describe("numbers that a locale's own formatter wrote", () => {
  const locales = [
    "en-US",
    "en-IN",
    "en-ZA",
    "de-DE",
    "de-AT",
    "de-CH",
    "fr-FR",
    "fr-CH",
    "it-IT",
    "it-CH",
    "es-ES",
    "pl-PL",
    "pt-PT",
    "pt-BR",
    "nb-NO",
    "sv-SE",
    "fi-FI",
    "ru-RU",
    "hi-IN",
    "sl-SI",
    "et-EE",
    "lt-LT",
  ];
  const styles: readonly Intl.NumberFormatOptions[] = [
    { maximumFractionDigits: 0 },
    { minimumFractionDigits: 2, maximumFractionDigits: 2 },
    { minimumFractionDigits: 3, maximumFractionDigits: 3 },
    { maximumFractionDigits: 3 },
  ];

  it.each(locales)("in %s are among the readings, alone where no other fits", async (locale) => {
    const source = random(7);
    for (const style of styles) {
      const digits = style.maximumFractionDigits!;
      for (const size of [3e3, 3e7]) {
        const numbers = Array.from({ length: 90 }, () => Number(((source.uniform() - 0.3) * size).toFixed(digits)) + 0);
        const format = new Intl.NumberFormat(locale, style);
        const written = numbers.map((value, row) => (row % 9 === 4 ? null : value));
        const texts = written.map((value) => (value === null ? null : format.format(value)));
        const data = await dataset(rowsWith(texts));
        const reason = await reasonOf(data);
        const results = await typed(reason, data);
        const where = `${locale} ${JSON.stringify(style)} below ${size}: ${reason}`;
        if (texts.every((text) => Number.isFinite(Number(text)))) {
          expect(results, where).toEqual([]);
          continue;
        }
        const isRight = results.map((values) => JSON.stringify(values) === JSON.stringify(written));
        expect(isRight.filter(Boolean), where).toHaveLength(1);
        // Several marks in one number, or other than three digits behind the last, leave one reading.
        if (size > 1e6 || digits === 2) expect(results, where).toHaveLength(1);
      }
    }
  });
});

describe("all cells count", () => {
  it("beyond the rows that a suggestion samples", async () => {
    const cells = (odd: string): Row[] => {
      return rowsWith(
        Array.from({ length: 120_000 }, (_, row) => (row === 119_999 ? odd : row % 2 === 0 ? "2,240" : "480")),
      );
    };
    for (const [odd, values] of [
      ["4,807", [4807, 4.807]],
      ["4,807.5", [4807.5]],
      ["4,80", [4.8]],
      ["unknown", []],
    ] as const) {
      const data = await dataset(cells(odd));
      const last = (await typed(await reasonOf(data), data)).map((each) => each.at(-1));
      expect(last).toEqual(values);
    }
  });

  it("before and after the part of the rows in which a raw feature meets its first fault", async () => {
    const rows = 40_000;
    const model = pepnet()
      .features(rawFeature("x"))
      .labels("y")
      .tower("y", (t) => t.label("y").mlp(4).bce());
    for (const [odd, values] of [
      [3, [2240]],
      [rows - 1, [2240]],
      [null, [2240, 2.24]],
    ] as const) {
      const cells = Array.from({ length: rows }, (_, row) => (row === odd ? "0.5" : row < rows / 2 ? "480" : "2,240"));
      const data = await dataset(rowsWith(cells));
      const { findings } = await data.check(model);
      const results = await typed(findings[0]!.fix!, data);
      expect(results.map((each) => each[rows - 2])).toEqual(values);
      if (odd !== null) expect(results[0]![odd]).toBe(0.5);
    }
  });

  it("of held-out rows too, since the call converts them; but a filter may leave cells out", async () => {
    const cells = Array.from({ length: 200 }, (_, row) => (row === 199 ? "4,80" : row % 2 === 0 ? "2,240" : "480"));
    const model = pepnet()
      .features(rawFeature("x"))
      .labels("y")
      .tower("y", (t) => t.label("y").mlp(4).bce());
    const data = await dataset(rowsWith(cells));
    const first = data.table.take(Int32Array.from({ length: 100 }, (_, row) => row));
    const named = await typed((await problemOf(model.fit(await dataset(first)))).fix, data);
    expect(named.map((values) => [values[0], values[199]])).toEqual([[2.24, 4.8]]);
    expect(await typed(await reasonOf(await dataset(first)), data)).toEqual(named);
    const odd = await dataset(rowsWith([...cells, "unknown"]));
    const kept = await odd.where((row) => row.x !== "unknown");
    expect(await typed((await problemOf(model.fit(kept))).fix, kept)).toHaveLength(1);
    expect(await typed(await reasonOf(kept), kept)).toHaveLength(1);
  });
});

describe("the same calls are named", () => {
  const cells = ["1.234,50", "7,25", "8"];
  const numbers = [1234.5, 7.25, 8];
  const towers = () => pepnet().features(idFeature("y").buckets(2).embedding(2));

  it("for a label, a rule of a label and a sample weight", async () => {
    const data = await dataset(rowsOf(cells));
    const models = [
      towers()
        .labels("x")
        .tower("x", (t) => t.label("x").mlp(4).l2().mse()),
      towers()
        .labels(label("high").from("x").above(3))
        .tower("high", (t) => t.label("high").mlp(4).bce()),
      towers()
        .labels("y")
        .sampleWeights("x")
        .tower("y", (t) => t.label("y").sampleWeight("x").mlp(4).bce()),
    ];
    for (const model of models) {
      const { fix } = await problemOf(model.fit(data, { steps: 1 }));
      expect((await typed(fix, data)).map((values) => values.slice(0, 3))).toEqual([numbers]);
    }
    const { fix } = await problemOf(suggestModel(data, { labels: ["x"] }));
    expect((await typed(fix, data)).map((values) => values.slice(0, 3))).toEqual([numbers]);
  });

  it("for a column of a file that its type says is numbers", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "readings-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "log.csv");
    writeFileSync(file, `x;y\n${cells.map((cell) => `${cell};1\n`).join("")}`);
    const { fix } = await problemOf(dataset(file, { types: { x: "float" } }));
    expect(fix).toMatch(/^remove the column from types, then await/);
    expect(await typed(fix, await dataset(file))).toEqual([numbers]);
    const words = path.join(folder, "words.csv");
    writeFileSync(words, "x;y\n1.5;1\nunknown;0\n");
    expect((await problemOf(dataset(words, { types: { x: "float" } }))).fix).toContain('nulls: ["unknown"]');
  });

  it("with a column's name that needs quotes", async () => {
    const name = `a "b" it's é`;
    const data = await dataset(rowsOf(cells).map(({ x, ...rest }) => ({ ...rest, [name]: x })));
    const reason = await reasonOf(data, name);
    expect((await typed(reason, data, name)).map((values) => values.slice(0, 3))).toEqual([numbers]);
  });
});

describe("dates", () => {
  it("are read by the one format that fits all of them; without one, none is named", async () => {
    const reasons = async (...days: string[]) => reasonOf(await dataset(rowsOf(days)));
    expect(await reasons("4/5/2024", "25/4/2024")).toMatch(/^left out: text of dates: .*'%d\/%m\/%Y'\)" \}\);/);
    expect(await reasons("4/5/2024", "4/6/2024")).toMatch(
      /'%d\/%m\/%Y'\)" \}\), or '%m\/%d\/%Y' if the month is first/,
    );
    const mixed = await reasons("25/4/2024", "4/25/2024");
    expect(mixed).toContain('dates in more than one format, "25/4/2024" and "4/25/2024"');
    expect(mixed).not.toContain("derive");
  });
});
