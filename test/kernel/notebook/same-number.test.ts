/** Pairs of outputs: honest ones, which two machines print of one study, and dishonest ones, which someone edited. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compared, printed, shown } from "./compare.js";

const plotly = "application/vnd.plotly.v1+json";
const frames = "application/vnd.pepnet.frames+gzip";

/** Lines that are the same under the default tolerance of 1e-6. */
const honest: readonly (readonly [recorded: string, now: string])[] = [
  ["auc 0.7123456789", "auc 0.7123456791"],
  ["auc 0.71", "auc 0.71"],
  ["loss 0.30000000000000004", "loss 0.3"],
  ["mean 2.9999999999999996", "mean 3"],
  ["mean 3", "mean 3.0000000000000004"],
  ["sum 123456.789012345", "sum 123456.789012346"],
  ["sum 10,000,001.50000001", "sum 10,000,001.50000002"],
  ["p 1.2345678901e-7", "p 1.2345678902e-7"],
  ["p 1.2345678901E-07", "p 1.2345678902E-07"],
  ["big 1.2345678901e+21", "big 1.2345678902e+21"],
  ["big 1e+21", "big 1.0000000001e+21"],
  ["change −0.123456789", "change −0.123456788"],
  ["zero -0.00", "zero 0.00"],
  ["share 12.3456789%", "share 12.3456790%"],
  ["[0.123456789,0.5]", "[0.123456788,0.5]"],
  ["[0.123456789,12,0.5]", "[0.123456788,12,0.5]"],
  ['{"auc":0.123456789,"rows":12}', '{"auc":0.123456788,"rows":12}'],
  ["{ auc: 0.123456789 }", "{ auc: 0.123456788 }"],
  ["x=0.123456789;", "x=0.123456788;"],
  ["(0.123456789 to 0.223456789)", "(0.123456788 to 0.223456788)"],
  ["0.123456789.", "0.123456788."],
];

/** Lines that differ under the default tolerance. */
const dishonest: readonly (readonly [recorded: string, now: string])[] = [
  // Whole numbers: ids, counts, times, seeds, versions.
  ["user 10000001", "user 10000002"],
  ["registered 1704067200", "registered 1704067900"],
  ["at 1704067200000", "at 1704067200001"],
  ["rows 10,000,001", "rows 10,000,002"],
  ["rows 10,000,001", "rows 10000001"],
  ["rows 10000001", "rows 10000001.5"],
  ["rows 10000001", "rows 10000001.1"],
  ["rows 1,234,567", "rows 1,234,568"],
  ["rows 12,34,567", "rows 12,34,568"],
  ["id 9007199254740992", "id 9007199254740993"],
  ["id 123456789012345678901234567890", "id 123456789012345678901234567891"],
  ["-10000001", "-10000002"],
  ["−10000001", "−10000002"],
  ["seed 7", "seed 8"],
  ["zip 0012345", "zip 12345"],
  ["0", "-0"],
  ["3 of 5 seeds", "4 of 5 seeds"],
  ["12%", "13%"],
  ["99999999%", "99999998%"],
  // More than float64 holds.
  ["1e400", "1e500"],
  ["1e+400", "1e+500"],
  ["-1e+400", "-1.5e+400"],
  ["1.5e+400", "1.5e+401"],
  ["1e-400", "1e-500"],
  ["0.0", "1e-400"],
  ["1e+308", "1e+309"],
  // Not a number.
  ["NaN", "0"],
  ["NaN", "Infinity"],
  ["Infinity", "-Infinity"],
  ["∞", "−∞"],
  ["-Infinity", "1e+308"],
  ["null", "0"],
  // Floats.
  ["auc 0.71", "auc 0.72"],
  ["auc 0.7123456", "auc 0.7123478"],
  ["auc 0.71", "auc -0.71"],
  ["tiny 1e-9", "tiny 2e-9"],
  ["tiny 1.5e-300", "tiny 1.6e-300"],
  ["12.3456%", "12.3567%"],
  ["0.5%", "0.5"],
  ["sum 10,000,001.5", "sum 10,000,101.5"],
  ["[12,345.5]", "[12,345.501]"],
  ["[0.5,12,345.5]", "[0.5,12,345.501]"],
  ["[12,345.5,1]", "[12,345.501,1]"],
  // Digits of words, hashes, dates, times, versions, paths, lists.
  ["run-10000001", "run-10000002"],
  ["item10000001", "item10000002"],
  ["10000001th", "10000002th"],
  ["sha 1234567e8", "sha 1234568e8"],
  ["sha 10000001e5", "sha 10000002e5"],
  ["sha 3e10000001", "sha 3e10000002"],
  ["e3b0c44298fc1c14", "e3b0c44298fc1c15"],
  ["2026-01-02", "2026-01-03"],
  ["02.01.2026", "03.01.2026"],
  ["1/2/2026", "1/3/2026"],
  ["20260102", "20260103"],
  ["at 10:30:05.1234567", "at 10:30:05.1234568"],
  ["10:30", "10:31"],
  ["2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05.124Z"],
  ["pepnet 0.2.10000001", "pepnet 0.2.10000002"],
  ["v1.10000001", "v1.10000002"],
  ["127.0.0.1", "127.0.0.2"],
  ["/data/10000001/log", "/data/10000002/log"],
  ["1,2,3", "1,2,4"],
  ["[10000001,10000002]", "[10000001,10000003]"],
  ["0x10000001", "0x10000002"],
  ["10000001n", "10000002n"],
  ["10000001 rows", "10000001 users"],
  ["1.234.567,5", "1.234.568,5"],
  ["1-10000001", "1-10000002"],
];

/** Rounded numbers that another processor prints, and edits, under a tolerance of 0.01. */
const rounded: readonly (readonly [recorded: string, now: string, isSame: boolean])[] = [
  ["auc 0.7720", "auc 0.7721", true],
  ["auc 0.001", "auc 0.002", true],
  ["auc 0.001", "auc 0.003", false],
  ["p 1.2e-5", "p 1.3e-5", true],
  ["p 1.2e-5", "p 1.4e-5", false],
  ["sum 1.234e+9", "sum 1.244e+9", true],
  ["12%", "13%", true],
  ["12 %", "13 %", true],
  ["12%", "14%", false],
  ["1.2%", "1.3%", true],
  ["1.2%", "1.5%", false],
  ["99.99 ms", "100 ms", true],
  ["3", "2.1", false],
  ["3", "2.99", true],
  ["rows 1000", "rows 1001", false],
  ["rows 1,000", "rows 1,001", false],
  ["seed 1000", "seed 1005", false],
  ["1704067200", "1704067900", false],
  ["1e+400", "1e+500", false],
];

describe("two printed lines", () => {
  it.each(honest)("%s and %s are the same", async (recorded, now) => {
    for (const pair of [
      [recorded, now],
      [now, recorded],
    ] as const) {
      expect((await compared([printed(pair[0])], [printed(pair[1])])).differences).toEqual([]);
      const [a, b] = pair.map((text) => ({ "text/html": `<td>${text}</td>`, "application/json": { note: text } }));
      expect((await compared([shown(a!)], [shown(b!)])).differences).toEqual([]);
    }
  });

  it.each(dishonest)("%s and %s differ", async (recorded, now) => {
    for (const pair of [
      [recorded, now],
      [now, recorded],
    ] as const) {
      expect((await compared([printed(pair[0])], [printed(pair[1])])).differences).toHaveLength(1);
      for (const form of ["text/html", "text/plain", "text/markdown", "image/svg+xml"]) {
        const [a, b] = pair.map((text) => shown({ [form]: text }));
        expect((await compared([a!], [b!])).differences).toHaveLength(1);
      }
      const [a, b] = pair.map((text) => shown({ [plotly]: { layout: { title: { text } } } }));
      expect((await compared([a!], [b!])).differences).toHaveLength(1);
    }
  });

  it.each(rounded)("%s and %s under a tolerance of 0.01: %s", async (recorded, now, isSame) => {
    for (const pair of [
      [recorded, now],
      [now, recorded],
    ] as const) {
      const { differences } = await compared([printed(pair[0])], [printed(pair[1])], { tolerance: 0.01 });
      expect(differences.length === 0).toBe(isSame);
    }
  });
});

describe("two JSON numbers", () => {
  const differing = async (recorded: unknown, now: unknown, tolerance = 1e-6): Promise<string[]> => {
    const [a, b] = [recorded, now].map((value) => shown({ "application/json": { value } }));
    return (await compared([a!], [b!], { tolerance })).differences;
  };

  it.each([
    [0.1 + 0.2, 0.3],
    [3, 2.9999999999999996],
    [1e21, 1.0000000001e21],
    [0, -0],
    [
      [0.5, null, 1],
      [0.5000000001, null, 1],
    ],
    [[[1, 0.5]], [[1, 0.5000000001]]],
  ])("%j and %j are the same", async (recorded, now) => {
    expect(await differing(recorded, now)).toEqual([]);
    expect(await differing(now, recorded)).toEqual([]);
  });

  it.each([
    [10000001, 10000002],
    [1704067200, 1704067900],
    [1704067200000, 1704067200001],
    [10000001, 10000001.5],
    [
      [1, 10000001],
      [1, 10000002],
    ],
    [
      [1, 10000001, null],
      [1, 10000001, 0],
    ],
    [0, 1e-300],
    [1, true],
    [10000001, "10000001"],
    [Number.POSITIVE_INFINITY, 1e308],
    [0.71, 0.72],
    [2 ** 53, 2 ** 53 + 2],
  ])("%j and %j differ", async (recorded, now) => {
    for (const tolerance of [1e-6, 1e-3]) {
      expect(await differing(recorded, now, tolerance)).toHaveLength(1);
      expect(await differing(now, recorded, tolerance)).toHaveLength(1);
    }
  });

  it("in arrays as Plotly packs them follow the same rule", async () => {
    const packed = (dtype: string, values: ArrayBufferView) => {
      return { y: { dtype, bdata: Buffer.from(values.buffer as ArrayBuffer).toString("base64"), shape: "2, 1" } };
    };
    const pairs = [
      ["f8", Float64Array.of(0.1 + 0.2, 7), Float64Array.of(0.3, 7), []],
      ["float64", Float64Array.of(0.3, Number.NaN), Float64Array.of(0.3, Number.NaN), []],
      ["f4", Float32Array.of(0.3, 7), Float32Array.of(0.31, 7), ["application/json value.y.bdata[0] number"]],
      ["f8", Float64Array.of(0.3, 1e7), Float64Array.of(0.3, 1e7 + 1), ["application/json value.y.bdata[1] number"]],
      ["i4", Int32Array.of(1, 1e7), Int32Array.of(1, 1e7 + 1), ["application/json value.y.bdata[1] number"]],
      ["u1", Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3), ["application/json value.y.bdata unexpected"]],
      ["x9", Uint8Array.of(1, 2), Uint8Array.of(1, 3), ["application/json value.y.bdata text"]],
    ] as const;
    for (const [dtype, recorded, now, expected] of pairs) {
      expect(await differing(packed(dtype, recorded), packed(dtype, now)), dtype).toEqual(expected);
    }
    const [a, b] = [packed("f8", Float64Array.of(0.3)), packed("f4", Float32Array.of(0.3, 0.3))];
    expect(await differing(a, b)).toContain("application/json value.y.dtype text");
    const other = { y: { ...packed("f8", Float64Array.of(0.3)).y, shape: "1" } };
    expect(await differing(a, other)).toEqual(["application/json value.y.shape text"]);
  });

  it("in the packed frames of a page follow the same rule, and frames that are no JSON are text", async () => {
    const packed = (value: unknown, level: number) => gzipSync(JSON.stringify(value), { level }).toString("base64");
    const page = (auc: number, rows: number, level = 9) => {
      return shown({ [frames]: packed({ parts: [{ y: [auc], text: `${rows} rows` }] }, level) });
    };
    expect((await compared([page(0.3, 10000001)], [page(0.1 + 0.2, 10000001, 1)])).differences).toEqual([]);
    expect((await compared([page(0.3, 10000001)], [page(0.3, 10000002)])).differences).toEqual([
      `${frames} parts[0].text number`,
    ]);
    expect((await compared([page(0.3, 1)], [page(0.31, 1)])).differences).toEqual([`${frames} parts[0].y[0] number`]);
    expect((await compared([shown({ [frames]: "AAAA" })], [shown({ [frames]: "BBBB" })])).differences).toEqual([
      `${frames} text`,
    ]);
    expect((await compared([shown({ [frames]: "AAAA" })], [page(0.3, 1)])).differences).toEqual([`${frames} text`]);
  });
});
