/** Columns of numbers as people write them: each piece of advice, typed as it is, against the numbers that were written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { dataset, idFeature, label, pepnet, rawFeature, suggestModel } from "../../../src/index.js";
import { cases, problemOf, reasonOf, rowsOf, rowsWith, typed } from "./readable-columns.js";

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
