/** How a CSV file is written is found from its first lines, or said; what cannot be told is refused with a fix that works. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileSource, type OpenOptions, openTable } from "../../../../src/core/data/table/open.js";
import { DataError, type Problem } from "../../../../src/core/errors/index.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-dialect-"));
let files = 0;
const written = (content: string | Buffer, name = `${++files}.csv`): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function problemOf(path: string | string[], options: OpenOptions = {}): Promise<Problem> {
  const error = await openTable(path, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).problems[0] as Problem;
}

/** Does what a fix says: the first call of `dataset(…)` in it. */
async function fixed({ fix }: Problem) {
  return called(/dataset\((.*?)\), or --/.exec(fix ?? "")?.[1]);
}

async function called(call: string | undefined) {
  const [path, options] = new Function(`return [${call}]`)() as [string, OpenOptions];
  return openTable(path, options);
}

const ratings = "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978302100\n";

describe("files without a header", () => {
  test.each([
    ["numbers above numbers", "1,0.5,a\n2,0.25,b\n3,1e-3,c\n", '"1" is a number'],
    ["a date above dates", "2024-01-05,a\n2024-02-06,b\n", '"2024-01-05" is a time'],
    ["a name that is a value", "male,student\nfemale,artist\nmale,artist\n", '"male" occurs again'],
    ["the same number twice", "5,5,3\n4,2,1\n", '"5" is a number'],
    ["numbers and nothing else", "1\t2\t3\n", "every field is a number"],
    ["an empty field among numbers", "1,,x\n2,3,y\n", '"1" is a number'],
    ["quoted numbers", '"1","a"\n"2","b"\n', '"1" is a number'],
  ])("open with numbered columns and a note: %s", async (_, text, reason) => {
    const path = written(text);
    const table = await openTable(path);
    expect(table.rows).toBe(text.trim().split("\n").length);
    expect(table.names[0]).toBe("column_1");
    const [note] = table.notes;
    expect(note).toContain(`the file seems to have no header: ${reason}`);
    expect(note).toContain(`Its columns are called column_1 … column_${table.names.length}`);
    const [, naming] = /replace the names in dataset\((.*?)\)\. If/.exec(note!) ?? [];
    const named = await called(naming!.replace("column_1", "first"));
    expect([named.names[0], named.rows, named.notes]).toEqual(["first", table.rows, []]);
    // The other way out: the line does hold names.
    const [, other] = /contain names: dataset\((.*)\)$/.exec(note!) ?? [];
    if (text.startsWith("5,5")) await expect(called(other)).rejects.toThrow("duplicate column");
    else if (text.trim().includes("\n")) expect((await called(other)).rows).toBe(table.rows - 1);
  });

  test("of different widths are different tables, although their columns are counted alike", async () => {
    const paths = [written("1::a::x\n2::b::y\n", "films.dat"), written("1::5\n2::4\n", "marks.dat")];
    const problem = await problemOf(paths);
    expect(problem.message).toBe("the files contain different tables");
    expect(problem.received).toContain("films.dat: column_1, column_2, column_3");
  });

  test("are read with names, in a gzip file and in several, from their first line", async () => {
    const names = ["user", "item", "rating"];
    const paths = [written("1,10,5\n2,20,4\n"), written("3,30,3\n")];
    const packed = written(gzipSync("1,10,5\n2,20,4\n3,30,3\n"), "packed.csv.gz");
    for (const source of [paths, packed]) {
      const table = await openTable(source, { names });
      expect(await table.toRows()).toEqual([
        { user: 1, item: 10, rating: 5 },
        { user: 2, item: 20, rating: 4 },
        { user: 3, item: 30, rating: 3 },
      ]);
    }
    expect((await problemOf(paths, { names: ["user", "item"] })).message).toContain(
      "number of fields in the line differs from the number of names",
    );
  });

  test("large ones, which threads read, lose no row either", async () => {
    const lines = Array.from({ length: 200_000 }, (_, row) => `${row},${row % 7}`);
    const table = await openTable(written(`${lines.join("\n")}\n`), { names: ["row", "k"] });
    const rows = await table.column("row");
    expect([rows.length, rows[0], rows.at(-1)]).toEqual([200_000, 0, 199_999]);
  });

  test("names for a file that has a header are a question, not a row of text", async () => {
    const path = written("user,item\n1,2\n3,4\n");
    const problem = await problemOf(path, { names: ["a", "b"] });
    expect(problem.message).toContain("seems to contain names too");
    const table = await fixed(problem);
    expect([table.names, table.rows]).toEqual([["a", "b"], 2]);
    expect((await openTable(path, { names: ["a", "b"], header: false })).rows).toBe(3);
  });

  test("ordinary headers are none of that", async () => {
    for (const text of [
      "user,2019,2020\n1,5,6\n2,7,8\n",
      "a,b\nx,y\nz,w\n",
      "clk\n1\n0\n",
      ",name\n0,x\n1,y\n",
      "price,day\n1.5,2024-01-01\n",
      "text\nhello world\nother words\n",
      "flag,x\ntrue,1\nfalse,2\n",
    ]) {
      expect((await openTable(written(text))).rows, text).toBe(text.trim().split("\n").length - 1);
    }
  });
});

describe("separators", () => {
  test("that no text contains by accident are found and noted", async () => {
    for (const [name, text, columns] of [
      ["ratings.csv", ratings, 4],
      ["named.csv", "user::item\n1::2\n3::4\n", 2],
      ["hive.csv", "user\x01item\n1\x012\n", 2],
      ["films.dat", "1::Babe (1995)::Comedy|Drama\n2::Up, Up::Drama\n", 3],
    ] as const) {
      const table = await openTable(written(text, name));
      expect(table.names, name).toHaveLength(columns);
      expect(table.notes[0], name).toMatch(/^the fields are separated by "(::|\\u0001)"$/);
      expect(table.rows, name).toBe(text.trim().split("\n").length - (text.startsWith("u") ? 1 : 0));
    }
  });

  test("a space after every comma is part of the separator; otherwise it is part of the field", async () => {
    const spaced = await openTable(written('age, work, pay\n39, State gov, "<=50K"\n50, "a, b", >50K\n'));
    expect(await spaced.toRows()).toEqual([
      { age: 39, work: "State gov", pay: "<=50K" },
      { age: 50, work: "a, b", pay: ">50K" },
    ]);
    expect(spaced.notes).toEqual(['the fields are separated by ", "']);
    const late = Array.from({ length: 200 }, (_, row) => `${row}, x`).join("\n");
    const mixed = await openTable(written(`a, b\n${late}\n200,y\n`));
    expect((await mixed.column("b")).slice(-2)).toEqual([" x", "y"]);
    expect(mixed.notes).toEqual([]);
    const parts = await openTable([written("a, b\n1, 2\n3, 4\n"), written("a,b\n5,6\n")]);
    expect(await parts.column("b")).toEqual([2, 4, 6]);
  });

  test("another one that has to be named never gives one column in silence", async () => {
    for (const [name, text] of [
      ["spaces.txt", "user item\n1 2\n3 4\n"],
      ["hats.csv", "user^item\n1^2\n3^4\n"],
    ] as const) {
      const problem = await problemOf(written(text, name));
      expect(problem.message, name).toMatch(/seem to be separated by "[ ^]"/);
      const table = await fixed(problem);
      expect(table.names.length, name).toBeGreaterThan(1);
      expect(table.rows, name).toBe(text.trim().split("\n").length - (text.startsWith("u") ? 1 : 0));
    }
  });

  test("a file of another name is refused with the call that opens it", async () => {
    const problem = await problemOf(written(ratings, "ratings.base"));
    expect(problem.fix).toContain('{ separator: "::", header: false }');
    expect(problem.fix).toContain("--separator :: --no-header");
    expect(await (await fixed(problem)).toRows()).toHaveLength(3);
    const named = await openTable(join(folder, "ratings.base"), { separator: "::", names: ["u", "i", "r", "t"] });
    expect((await named.head(1))[0]).toEqual({ u: 1, i: 1193, r: 5, t: 978300760 });
  });

  test("any named one holds, in files of any size and quoting", async () => {
    const cases = fc.record({
      separator: fc.constantFrom(",", "\t", ";", "|", "::", ":", "^", "\x01", "~~", " "),
      rows: fc.array(
        fc.tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom("x", "y z", "a,b", 'say "hi"', "l1\nl2")),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ separator, rows }) => {
        const lines = rows.map(([id, text]) => `${id}${separator}"${text.replaceAll('"', '""')}"`);
        const path = written(`id${separator}text\n${lines.join("\n")}\n`);
        const table = await openTable(path, { separator });
        expect(await table.toRows()).toEqual(rows.map(([id, text]) => ({ id, text })));
      }),
      { numRuns: 60, seed: 15 },
    );
  });

  test("that cannot be meant are refused, and so are such options for anything but CSV", async () => {
    const path = written("a,b\n1,2\n");
    for (const separator of ["", '"', "\n", "ab,cd", "é"]) {
      expect((await problemOf(path, { separator })).path).toBe("separator");
    }
    expect((await problemOf(path, { names: [] })).path).toBe("names");
    expect((await problemOf(path, { names: ["a", "A"] })).message).toContain("duplicate column");
    const parquet = await (await openTable({ a: [1] })).toParquet(join(folder, "x.parquet"));
    expect((await problemOf(parquet, { header: false })).received).toBe("a Parquet file");
    await expect(openTable({ a: [1] }, { separator: ";" })).rejects.toThrow(/options of CSV files/);
  });
});

describe("the version of a file", () => {
  test("depends on how it is read: the cache of one reading is not another's", async () => {
    const path = written("a,b\n1,2\n");
    const keys = await Promise.all(
      [{}, { header: false }, { names: ["b", "a"], header: true }, { separator: ";" }].map(async (options) => {
        return (await (await openTable(path, options)).version())?.key;
      }),
    );
    expect(new Set(keys).size).toBe(4);
  });
});

test("a header of any length opens; a line without an end is refused", async () => {
  const names = Array.from({ length: 12_000 }, (_, index) => `column number ${index}`);
  const path = written(`${names.join(",")}\n${names.map((_, index) => index).join(",")}\n`);
  const table = await openTable(path);
  expect(table.names).toEqual(names);
  expect((await table.column("column number 11999"))[0]).toBe(11_999);
  const quoted = written(`${names.map((name) => `"${name}"`).join(",")}\r\n${names.map(() => '"x"').join(",")}\r\n`);
  expect((await openTable(quoted)).names).toEqual(names);
  expect((await problemOf(written(Buffer.alloc(40_000_000, "x"), "endless.csv"))).message).toContain("too long");
});

test("files of another kind under a text file's name are called what they are", async () => {
  const table = await openTable({ a: [1, 2] });
  const parquet = await table.toParquet(join(folder, "really.parquet"));
  const { readFileSync } = await import("node:fs");
  expect((await problemOf(written(readFileSync(parquet)))).message).toBe("the file is Parquet");
  expect((await problemOf(written(gzipSync("a,b\n1,2\n")))).message).toBe("the file is compressed with gzip");
  const unmarked = await problemOf(written(Buffer.from("a,b\n1,2\n", "utf16le")));
  expect(unmarked.message).toContain("zero byte");
  expect(await (await fixed(unmarked)).toRows()).toEqual([{ a: 1, b: 2 }]);
  const utf32 = Buffer.concat(
    [..."\ufeffa,b\n1,2\n"].map((letter) => Buffer.from(Uint32Array.of(letter.codePointAt(0)!).buffer)),
  );
  expect((await problemOf(written(utf32))).message).toContain("UTF-32");
});

test("web pages, JSON and a spreadsheet's note are no tables, unless they are said to be", async () => {
  for (const [text, message, fix] of [
    ["<!DOCTYPE html>\n<html><body>404</body></html>\n", "web page", "the file itself"],
    ['\n<?xml version="1.0"?>\n<rows>\n</rows>\n', "web page", "the file itself"],
    ['{"a": 1}\n{"a": 2}\n', "JSON", "read_json"],
    ['[\n {"a": 1,\n  "b": 2}\n]\n', "JSON", "read_json"],
    ["sep=;\na;b\n1;2\n", "spreadsheet", "first line"],
    ['"sep=,"\r\na,b\r\n1,2\r\n', "spreadsheet", "first line"],
  ] as const) {
    const path = written(text);
    const problem = await problemOf(path);
    expect(problem.message, text).toContain(message);
    expect(problem.fix, text).toContain(fix);
    expect(problem.fix, text).toContain("{ header: true }");
  }
  const lines = written('{"a": 1}\n{"a": 2}\n');
  const query = /dataset\.sql\((".*?")\)/.exec((await problemOf(lines)).fix!)![1]!;
  expect(await (await openTable({ sql: JSON.parse(query) as string })).column("a")).toEqual([1, 2]);
  expect((await openTable(written("<b>,sep=\nx,1\ny,2\n"))).rows).toBe(2);
  const said = await openTable(written("<html>\nx\ny\n"), { header: true });
  expect(said.names).toEqual(["<html>"]);
});

test("columns without a name are noted", async () => {
  const { notes } = await fileSource([written(",a, \n0,1,2\n1,3,4\n")]);
  expect(notes).toEqual([
    'column 1 has no name in the header and is named "column0"',
    'column 3 has no name in the header and is named "column2"',
  ]);
});

test("a first line of more than 100,000 fields, or of quotes only, is no header", async () => {
  const wide = await problemOf(written(`${",".repeat(3_000_000)}\n`));
  expect(wide).toMatchObject({ message: "the line has too many fields", received: "more than 100,000" });
  expect((await problemOf(written(`${"a,".repeat(100_000)}a\n1\n`))).message).toContain("too many fields");
  expect((await problemOf(written('"'.repeat(3_000_000)))).message).toBe("no rows");
});
