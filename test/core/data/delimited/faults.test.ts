/** What is wrong with a CSV file is named with its line and place when the file is opened, however large it is. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTable } from "../../../../src/core/data/table/open.js";
import { DataError, type Problem } from "../../../../src/core/errors/index.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-faults-"));
let files = 0;
const written = (content: string | Buffer, ending = "csv"): string => {
  const path = join(folder, `${++files}.${ending}`);
  writeFileSync(path, content);
  return path;
};

async function problemOf(path: string): Promise<Problem> {
  const error = await openTable(path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).problems[0] as Problem;
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, row) => `${row},w${row % 50},${row % 2}`);
const fileOf = (rows: readonly string[]): string => `id,word,clk\n${rows.join("\n")}\n`;

describe("quotes", () => {
  test("a stray one is found in megabytes, with its line, its place and its column", async () => {
    const rows = lines(600_000);
    rows[99] = '99,"w49,1';
    const problem = await problemOf(written(fileOf(rows)));
    expect(problem.path).toMatch(/: line 101, character 4 \(column "word"\)$/);
    expect(problem.message).toBe("a quoted field starts here and its closing quote is missing");
    expect(problem.received).toBe('"w49,1');
  });

  test("one that the next quote seems to close is named where it opens, with the line where that shows", async () => {
    const rows = lines(1000);
    rows[10] = '10,"é,1';
    rows[500] = '500,a "b" c,1';
    rows[501] = '501,"ok",1';
    const problem = await problemOf(written(fileOf(rows)));
    expect(problem.path).toMatch(/: line 12, character 4 \(column "word"\)$/);
    expect(problem.message).toBe("a quoted field starts here, and text follows its closing quote in line 502");
  });

  test("text behind a closing quote", async () => {
    const problem = await problemOf(written('id,word,clk\n1,a,0\n2,"b"x,0\n'));
    expect(problem.path).toMatch(/: line 3, character 3 \(column "word"\)$/);
    expect(problem.message).toBe("a quoted field starts here, and text follows its closing quote");
    expect(problem.fix).toContain("quote = ''");
  });

  test("a quoted field of megabytes, on one line or on many, is a value", async () => {
    for (const text of ["x".repeat(3_000_000), "some words\n".repeat(300_000), "1,2,3\n".repeat(2_000_000)]) {
      const table = await openTable(written(`id,word,clk\n1,"${text}",0\n2,y,1\n`));
      const [first, second] = (await table.column("word")) as string[];
      expect([first?.length, second]).toEqual([text.length, "y"]);
      expect(await table.column("clk")).toEqual([0, 1]);
    }
  });

  test("one of more than 32 MB is refused with its line", async () => {
    const problem = await problemOf(written(`id,word,clk\n1,a,0\n2,"${"x\n".repeat(20_000_000)}",0\n`));
    expect(problem).toMatchObject({ message: "the record is too long", expected: "at most 32 MB" });
    expect(problem.path).toMatch(/: line 3$/);
  });

  test("fields of several lines that look like rows, in more bytes than are read at a time, are no rows", async () => {
    const text = "7,w7,1\n".repeat(300);
    const rows = Array.from({ length: 12_000 }, (_, row) => (row % 2 === 0 ? `${row},"${text}",0` : `${row},plain,1`));
    const table = await openTable(written(fileOf(rows)));
    expect(table.rows).toBe(12_000);
    expect(await table.column("id")).toEqual(Array.from({ length: 12_000 }, (_, row) => row));
    const words = await table.column("word");
    expect(words.filter((word) => word === text)).toHaveLength(6000);
  });
});

describe("lines", () => {
  test("a ragged one late in a large file is found when it is opened", async () => {
    for (const ending of ["csv", "csv.gz"]) {
      const rows = lines(200_000);
      rows[180_000] += ",7";
      const text = fileOf(rows);
      const problem = await problemOf(written(ending === "csv" ? text : gzipSync(text), ending));
      expect(problem.path).toMatch(/: line 180002$/);
      expect(problem).toMatchObject({
        message: "the number of fields in the line differs from the header",
        received: "4 fields: 180000,w0,0,7",
        expected: '3 fields separated by ","',
      });
    }
  });

  test("one that a quote makes longer says from where to where", async () => {
    const problem = await problemOf(written('id,word,clk\n1,a,0\n2,"b\nc\nd",0,5\n'));
    expect(problem.received).toBe('4 fields in lines 3 to 5: 2,"b');
    expect(problem.path).toMatch(/: line 3$/);
  });

  test("other line ends than those above, and bytes that are no UTF-8", async () => {
    expect(await problemOf(written("a,b\r\n1,2\r\n3,4\n"))).toMatchObject({
      path: expect.stringMatching(/: line 3$/),
      message: "the line end differs from the lines above",
    });
    const rows = lines(300_000);
    const text = Buffer.from(fileOf(rows));
    text[text.indexOf("250000,") + 7] = 0xe9;
    expect(await problemOf(written(text))).toMatchObject({
      path: expect.stringMatching(/: line 250002$/),
      message: "the file is not valid UTF-8",
    });
    const cut = Buffer.concat([Buffer.from("a,b\n1,caf"), Buffer.from([0xc3])]);
    expect((await problemOf(written(cut))).path).toMatch(/: line 2$/);
  });

  test("that begin with # are rows, and empty lines before the header do not count", async () => {
    expect(await (await openTable(written("a,b\n1,2\n#x,3\n"))).toRows()).toEqual([
      { a: "1", b: 2 },
      { a: "#x", b: 3 },
    ]);
    expect(await (await openTable(written("\n\na,b\n1,2\n"))).toRows()).toEqual([{ a: 1, b: 2 }]);
  });
});

describe("compressed files", () => {
  const packed = gzipSync(fileOf(lines(100_000)));
  test.each([
    ["cut in the middle", packed.subarray(0, packed.length >> 1), /is truncated/, /: line \d+$/],
    ["without its checksum", packed.subarray(0, packed.length - 6), /is truncated/, /: line 100002$/],
    ["cut in its header", packed.subarray(0, 6), /is truncated/, /: line 1$/],
    ["that are text", Buffer.from(fileOf(lines(9))), /not a gzip file/, /\.gz$/],
  ])("%s", async (_, bytes, message, place) => {
    const problem = await problemOf(written(bytes, "csv.gz"));
    expect(problem.message).toMatch(message);
    expect(problem.path).toMatch(place);
    expect(problem.fix).not.toBe(undefined);
  });

  test("with any bit flipped are damaged, whatever the lines look like", async () => {
    const small = gzipSync(fileOf(lines(3000)));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 12, max: small.length - 9 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const bytes = Buffer.from(small);
          bytes[at]! ^= 1 << bit;
          expect((await problemOf(written(bytes, "csv.gz"))).message).toMatch(/^the gzip file is (damaged|truncated)/);
        },
      ),
      { numRuns: 40, seed: 18 },
    );
  });

  test("of several parts are one", async () => {
    const text = fileOf(lines(1000));
    const parts = Buffer.concat([gzipSync(text.slice(0, 5000)), gzipSync(text.slice(5000))]);
    expect((await openTable(written(parts, "csv.gz"))).rows).toBe(1000);
  });
});
