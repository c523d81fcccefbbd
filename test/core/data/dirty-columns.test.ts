/** Sixty columns as pandas, Excel, R and several countries write them: each is read right or asked about, none is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { dirtyCells } from "../../../src/core/data/dirty-cells.js";
import { random } from "../../../src/core/util/random.js";
import { type DatasetOptions, dataset, idFeature, pepnet, suggestModel } from "../../../src/index.js";
import { problemOf, rowsWith } from "./readable-columns.js";

/** Amounts of several sizes; dates and times over four years. */
const source = random(11);
const amounts = Array.from({ length: 120 }, (_, row) => Number((source.uniform() * 10 ** (2 + (row % 5))).toFixed(2)));
const whole = amounts.map((amount) => Math.round(amount));
const times = amounts.map((_, row) => Date.UTC(2018, row % 37, 1 + (row % 28), row % 24, (7 * row) % 60));
const days = times.map((time) => time - (time % 86_400_000));

const en = (digits: number) => (value: number) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const locale = (name: string, digits: number) => (value: number) =>
  value.toLocaleString(name, { minimumFractionDigits: digits, maximumFractionDigits: digits });
const two = (value: number) => String(value).padStart(2, "0");
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const longMonths = "January February March April May June July August September October November December".split(" ");
const parts = (time: number) => {
  const date = new Date(time);
  const hour = date.getUTCHours();
  return {
    y: date.getUTCFullYear(),
    m: date.getUTCMonth() + 1,
    d: date.getUTCDate(),
    H: two(hour),
    M: two(date.getUTCMinutes()),
    I: two(hour % 12 === 0 ? 12 : hour % 12),
    p: hour < 12 ? "AM" : "PM",
  };
};

interface Column {
  readonly what: string;
  readonly cells: readonly (string | null)[];
  /** The value of each cell; times in milliseconds. */
  readonly values: readonly (number | null)[];
}

const column = (what: string, values: readonly number[], write: (value: number) => string): Column => {
  return { what, cells: values.map(write), values };
};

/** Every fiftieth cell is another text. */
const dirty = (what: string, { cells, values }: Column, ...odd: readonly string[]): Column => ({
  what,
  cells: cells.map((cell, row) => (row % 50 === 7 ? odd[Math.floor(row / 50) % odd.length]! : cell)),
  values: values.map((value, row) => (row % 50 === 7 ? null : value)),
});

const plain = column("", amounts, String);
const dollars = column("", amounts, (value) => `$${en(2)(value)}`);
const german = column("", amounts, locale("de-DE", 2));
const isoTimes = column("", times, (time) => new Date(time).toISOString().slice(0, 19).replace("T", " "));
const american = column("", times, (time) => {
  const { y, m, d, I, M, p } = parts(time);
  return `${two(m)}/${two(d)}/${y} ${I}:${M} ${p}`;
});

const columns: readonly Column[] = [
  column("numbers, as pandas writes them", amounts, String),
  column("whole numbers with gaps, as pandas writes them", whole, (value) => `${value}.0`),
  column("numbers with an exponent, as R writes them", whole, (value) => value.toExponential(8)),
  column("American thousands", amounts, en(2)),
  column("American thousands, whole", whole, en(0)),
  german,
  column("German, whole", whole, locale("de-DE", 0)),
  column("German, no thousands", amounts, (value) => String(value).replace(".", ",")),
  column("Austrian", amounts, locale("de-AT", 2)),
  column("Swiss", amounts, locale("de-CH", 2)),
  column("Swiss, whole", whole, locale("de-CH", 0)),
  column("French, narrow blanks", amounts, locale("fr-FR", 2)),
  column("Polish", amounts, locale("pl-PL", 2)),
  column("Indian", amounts, locale("en-IN", 2)),
  column("Indian, whole", whole, locale("en-IN", 0)),
  column("dollars", amounts, (value) => `$${en(2)(value)}`),
  column("dollars, whole", whole, (value) => `$${en(0)(value)}`),
  column("yuan", amounts, (value) => `¥${en(2)(value)}`),
  column("dollars with a blank", amounts, (value) => `$ ${en(2)(value)}`),
  column("pounds", amounts, (value) => `£${en(2)(value)}`),
  column("euros behind", amounts, (value) => `${locale("de-DE", 2)(value)} €`),
  column("euros with their code", amounts, (value) => `EUR ${en(2)(value)}`),
  column("rupees", amounts, (value) => `₹${locale("en-IN", 2)(value)}`),
  column("reais", amounts, (value) => `R$ ${locale("pt-BR", 2)(value)}`),
  column(
    "accounts, Excel's brackets",
    amounts.map((value, row) => (row % 3 === 0 ? -value : value)),
    (value) => (value < 0 ? `(${en(2)(-value)})` : en(2)(value)),
  ),
  column(
    "accounts in dollars",
    amounts.map((value, row) => (row % 3 === 0 ? -value : value)),
    (value) => (value < 0 ? `($${en(2)(-value)})` : `$${en(2)(value)}`),
  ),
  column(
    "negative dollars",
    amounts.map((value, row) => (row % 3 === 0 ? -value : value)),
    (value) => (value < 0 ? `-$${en(2)(-value)}` : `$${en(2)(value)}`),
  ),
  column("percent", amounts, (value) => `${value}%`),
  column("percent with a blank", amounts, (value) => `${value} %`),
  column("German percent", amounts, (value) => `${locale("de-DE", 2)(value)} %`),
  column("kilograms", amounts, (value) => `${value} kg`),
  column("months, as lenders write terms", whole, (value) => `${value} months`),
  column("square metres", whole, (value) => `${value} m²`),
  column(
    "a minus sign of typographers",
    amounts.map((value) => -value),
    (value) => `−${locale("de-DE", 2)(-value)}`,
  ),
  column("tonnes in Indian groups", whole, (value) => `${locale("en-IN", 0)(value)} t`),
  column("Swiss francs", amounts, (value) => `CHF ${locale("de-CH", 2)(value)}`),
  column("ISO dates", days, (time) => new Date(time).toISOString().slice(0, 10)),
  column("ISO times", times, (time) => new Date(time).toISOString()),
  isoTimes,
  american,
  column("American dates", days, (time) => `${parts(time).m}/${parts(time).d}/${parts(time).y}`),
  column(
    "American dates, short years",
    days,
    (time) => `${parts(time).m}/${parts(time).d}/${String(parts(time).y).slice(2)}`,
  ),
  column("German dates", days, (time) => `${two(parts(time).d)}.${two(parts(time).m)}.${parts(time).y}`),
  column("German times", times, (time) => {
    const { y, m, d, H, M } = parts(time);
    return `${two(d)}.${two(m)}.${y} ${H}:${M}`;
  }),
  column("British dates", days, (time) => `${two(parts(time).d)}/${two(parts(time).m)}/${parts(time).y}`),
  column(
    "dates of R and Oracle",
    days,
    (time) => `${two(parts(time).d)}-${months[parts(time).m - 1]}-${parts(time).y}`,
  ),
  column("dates in words", days, (time) => `${longMonths[parts(time).m - 1]} ${parts(time).d}, ${parts(time).y}`),
  column("dates with short words", days, (time) => `${parts(time).d} ${months[parts(time).m - 1]} ${parts(time).y}`),
  column("Chinese and Japanese dates", days, (time) => `${parts(time).y}/${two(parts(time).m)}/${two(parts(time).d)}`),
  column("times of a web server's log", times, (time) => {
    const { y, m, d, H, M } = parts(time);
    return `${two(d)}/${months[m - 1]}/${y}:${H}:${M}:00 +0000`;
  }),
  dirty("numbers and a word", plain, "unknown"),
  dirty("numbers and several words", plain, "unknown", "n.a.", "-"),
  dirty("numbers and an error of Excel", plain, "#N/A", "#DIV/0!"),
  dirty("numbers and ranges", plain, "10-20", "<5"),
  dirty("dollars and a word", dollars, "free"),
  dirty("dollars and an amount without the sign", dollars, "12.50"),
  dirty("dollars and an amount with a decimal comma", dollars, "$12,5"),
  dirty("German numbers and a word", german, "k.A."),
  dirty("ISO times and a word", isoTimes, "never"),
  dirty("American times and a word", american, "pending"),
];

/** Values of the column after a typed call, or as it is. */
async function valuesOf(data: Awaited<ReturnType<typeof dataset>>): Promise<(number | null)[]> {
  const values = await data.table.column("x");
  return values.map((value) => (value instanceof Date ? value.getTime() : (value as number | null)));
}

function folderFor(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "dirty-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it("are sixty, all different", () => {
  expect(columns).toHaveLength(60);
  const texts = columns.map(({ cells }) => cells.join("|"));
  expect(columns.filter((_, at) => texts.indexOf(texts[at]!) < at).map(({ what }) => what)).toEqual([]);
});

describe.each(columns)("$what", ({ cells, values }) => {
  it("is read right, or asked about with a call that reads it right", async () => {
    const file = path.join(folderFor(), "log.csv");
    const rows = rowsWith(cells).map(({ x, shop, y }) => `"${x}",${shop},${y}`);
    writeFileSync(file, `x,shop,y\n${rows.join("\n")}\n`);
    const data = await dataset(file);
    const [info] = data.columns;
    const { columns: choices } = await suggestModel(data, { labels: ["y"] });
    const { reason } = choices.find((each) => each.column === "x")!;
    const calls = reason.match(/await data\.derive\(\{.*?" \}\)/g) ?? [];
    if (reason.includes('{ decimal: ",", thousands: "." }')) {
      expect(await valuesOf(await dataset(file, { decimal: ",", thousands: "." }))).toEqual(values);
      return;
    }
    if (calls.length === 0) {
      // Read as it is: a number, or ISO times, which features of times take as they are.
      const read =
        info!.type === "timestamp"
          ? (await data.table.column("x")).map((text) => Date.parse(String(text).replace(" ", "T").replace(/Z?$/, "Z")))
          : await valuesOf(data);
      expect(read, reason).toEqual(values);
      return;
    }
    const results: (number | null)[][] = [];
    for (const call of [...calls, ...otherFormat(reason, calls[0]!)]) {
      const run = new Function("data", `return (async () => ${call})()`) as (from: typeof data) => Promise<typeof data>;
      results.push(await valuesOf(await run(data)));
    }
    expect(results.length).toBeLessThanOrEqual(2);
    expect(
      results.map((each) => JSON.stringify(each)),
      reason,
    ).toContain(JSON.stringify(values));
  });
});

/** The second of two formats, which a reason names by itself. */
function otherFormat(reason: string, call: string): string[] {
  const other = /, or '([^']+)' if the month is first/.exec(reason)?.[1];
  return other === undefined ? [] : [call.replace(/'%[^']+'/, `'${other}'`)];
}

describe("a training", () => {
  const model = pepnet()
    .features(idFeature("x").vocab().embedding(4))
    .labels("y")
    .tower("y", (t) => t.label("y").mlp(4).bce());

  it("names texts of amounts that are read as ids, once, with the call", async () => {
    const rows = rowsWith(dollars.cells.map((cell, row) => (row % 50 === 7 ? "free" : cell)));
    const { findings } = await (await dataset(rows)).check(model);
    const [found, ...others] = findings
      .filter(({ path: place }) => place === "features.x")
      .filter(({ message }) => message.includes("no order"));
    expect(others).toEqual([]);
    expect(found!.message).toMatch(
      /^reads texts as ids, which have no order: 11\d of 11\d values are numbers, but "free"$/,
    );
    expect(found!.fix).toContain("try_cast(replace(replace(\\\"x\\\", '$', ''), ',', '') as double)");
  });

  it.each([
    ["categories", Array.from({ length: 120 }, (_, row) => ["1", "2", "3", "other"][row % 4]!)],
    ["codes", Array.from({ length: 120 }, (_, row) => `A${row % 30}`)],
    ["whole numbers", Array.from({ length: 120 }, (_, row) => String(row % 30))],
    ["words with numbers", Array.from({ length: 120 }, (_, row) => `room ${row % 30}`)],
  ])("says nothing of %s", async (_, cells) => {
    const { findings } = await (await dataset(rowsWith(cells))).check(model);
    expect(findings.filter(({ message }) => message.includes("no order"))).toEqual([]);
  });
});

it("a column of many values takes time in proportion to them", () => {
  const many = Array.from({ length: 60_000 }, (_, at) => at + 1000);
  const counted = (write: (value: number) => string) => new Map(many.map((value) => [write(value), 2]));
  expect(dirtyCells("x", counted(String))).toBeNull();
  expect(
    dirtyCells(
      "x",
      counted((value) => `A${value}`),
    ),
  ).toBeNull();
  const odd = counted((value) => (value % 20 === 0 ? `free ${value}` : `$${en(2)(value)}`));
  expect(dirtyCells("x", odd)).toMatchObject({ kind: "numbers", share: 0.95 });
  const dated = counted((value) =>
    value % 20 === 0 ? `never ${value}` : new Date(value * 864e5).toUTCString().slice(5, 16),
  );
  expect(dirtyCells("x", dated)).toMatchObject({ kind: "dates", share: 0.95 });
});

describe("marks that the call states", () => {
  const open = async (cells: readonly (string | null)[], options: DatasetOptions = {}) => {
    const file = path.join(folderFor(), "log.csv");
    writeFileSync(file, `x;y\n${cells.map((cell) => `${cell ?? ""};1\n`).join("")}`);
    return dataset(file, options);
  };
  const values = async (cells: readonly (string | null)[], options: DatasetOptions = {}) =>
    (await open(cells, options)).table.column("x");

  it("read columns whose cells all fit, and leave words and times", async () => {
    expect(await values(["1.234,50", "7", "-0,5", null], { decimal: "," })).toEqual([1234.5, 7, -0.5, null]);
    expect(await values(["1.234", "7"], { decimal: ",", thousands: "." })).toEqual([1234, 7]);
    expect(await values(["1,234", "7"], { thousands: "," })).toEqual([1234, 7]);
    expect(await values(["12,34,567", "7"], { thousands: "," })).toEqual([1234567, 7]);
    expect(await values(["red", "7,5"], { decimal: "," })).toEqual(["red", "7,5"]);
    expect(await values(["2024-05-06", "2024-05-07"], { decimal: "," })).toEqual(["2024-05-06", "2024-05-07"]);
    const pointed = await open(["1.5", "2.25"], { decimal: "," });
    expect(pointed.notes.join()).toContain("keep their decimal point");
    expect(await pointed.table.column("x")).toEqual([1.5, 2.25]);
  });

  it("of one column: types", async () => {
    expect(await values(["$1,234.50", "NA", " ", "$7"], { types: { x: "number" } })).toEqual([1234.5, null, null, 7]);
    expect(await values(["12 %", "7.5 %"], { types: { x: "number" } })).toEqual([12, 7.5]);
    expect(await values(["1", "2"], { types: { x: "number" } })).toEqual([1, 2]);
    expect((await open(["1,234", "7,000"], { thousands: "," })).columns[0]).toMatchObject({ type: "integer" });
  });

  it("ask where two readings fit, and where a cell fits none, with calls that open the file", async () => {
    const cells = ["2,240", "480"];
    const { message, fix } = await problemOf(values(cells, { types: { x: "number" } }));
    expect(message).toBe("its numbers can be read in two ways");
    const options = [...fix.matchAll(/dataset\(".*?", (\{.*?\} \})\)/g)].map(([, text]) => {
      return new Function(`return ${text}`)() as DatasetOptions;
    });
    expect(await Promise.all(options.map((each) => values(cells, each)))).toEqual([
      [2240, 480],
      [2.24, 480],
    ]);
    const odd = [...german.cells, "k.A."];
    const refused = await problemOf(values(odd, { types: { x: "number" } }));
    const nulls = /dataset\(".*?", (\{.*\})\);/.exec(refused.fix)?.[1];
    const read = await values(odd, new Function(`return ${nulls}`)() as DatasetOptions);
    expect(read).toEqual([...german.values, null]);
  });

  it("are told apart from each other, and unknown ones are refused", async () => {
    await expect(open(["1"], { decimal: ",", thousands: "," })).rejects.toThrow(
      /decimal: is the mark between thousands/,
    );
    // @ts-expect-error: not a mark
    await expect(open(["1"], { decimal: ";" })).rejects.toThrow(/not a decimal mark/);
    // @ts-expect-error: not a mark
    await expect(open(["1"], { thousands: "_" })).rejects.toThrow(/not a mark between thousands/);
  });

  it("hold in files that threads read in parts, and in each read of them", async () => {
    const rows = 200_000;
    const number = random(5);
    const expected = Float64Array.from({ length: rows }, () => Math.round(number.uniform() * 1e9) / 100);
    const cells = Array.from(expected, locale("de-DE", 2));
    const data = await open(cells, { decimal: ",", thousands: "." });
    expect(await data.table.column("x")).toEqual([...expected]);
    const part = await data.table.take(Int32Array.of(3, rows - 1)).column("x");
    expect(part).toEqual([expected[3], expected[rows - 1]]);
    expect((await data.table.head(2)).map((row) => row["x"])).toEqual([expected[0], expected[1]]);
  });
});
