/** Headers of any length, and columns of any name: all columns are there. */
import { execSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { describe as described } from "../../../src/core/data/summary/describe.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { DataError } from "../../../src/core/errors/index.js";
import { prototypeNames } from "../../faults/fuzz/fuzzing.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-wide-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("a header longer than 64 KiB", () => {
  const names = Array.from({ length: 4000 }, (_, at) => `a_column_with_a_long_name_${at}`);
  const text = `${names.join(",")}\n${names.map((_, at) => at).join(",")}\n`;

  test.each([
    ["plain.csv", text],
    ["quoted.csv", text.replace(names[0]!, `"${names[0]}"`)],
    ["windows.csv", text.replaceAll("\n", "\r\n")],
    ["packed.csv.gz", gzipSync(text)],
  ])("is read as a whole: %s", async (name, content) => {
    expect(text.indexOf("\n")).toBeGreaterThan(1 << 16);
    const table = await openTable(written(name, content));
    expect(table.names).toEqual(names);
    expect(await table.select(names[3999]!, names[1094]!).head(1)).toEqual([
      { [names[3999]!]: 3999, [names[1094]!]: 1094 },
    ]);
  });
});

describe("columns that are called as members of objects", () => {
  const values = Object.fromEntries(
    prototypeNames.map((name, at): [string, Int32Array] => [name, Int32Array.of(at, 9)]),
  );
  const text = `${prototypeNames.join(",")}\n${prototypeNames.map((_, at) => at).join(",")}\n9,9,9,9,9\n`;

  test.each([
    ["a file", () => openTable(written("members.csv", text))],
    ["memory", () => openTable(values)],
  ])("come back from %s in rows, descriptions and selections", async (_, open) => {
    const table = await open();
    expect(table.names).toEqual(prototypeNames);
    const [first] = await table.head(1);
    expect(Object.entries(first ?? {})).toEqual(prototypeNames.map((name, at) => [name, at]));
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
    const { columns } = await described(table);
    expect(columns.map(({ name }) => name)).toEqual(prototypeNames);
    for (const name of ["valueOf", "__defineGetter__"]) {
      expect(table.has(name)).toBe(false);
      expect(() => table.select(name)).toThrow(DataError);
    }
  });
});

describe("lines above the header", () => {
  test.each([
    ["a comment", "# exported by a tool\n", 1],
    ["a comment with separators", "# a, b, c, d\n", 1],
    ["a title and a comment", "Clicks of May\n// all shops\n", 2],
  ])("are named, with a command that removes them: %s", async (_, above, lines) => {
    const table = "user_id,item_id,click\n1,2,0\n2,3,1\n3,4,0\n";
    const path = written("titled log.csv", above + table);
    const error: unknown = await openTable(path).catch((reason) => reason);
    const [problem] = (error as DataError).problems;
    expect(problem).toMatchObject({
      path: `${path}: line 1`,
      expected: "the names of the 3 columns in the first line",
    });
    expect(problem!.message).toContain("above the header");
    expect(problem!.fix).toContain(lines === 1 ? "delete the first line" : "delete the first 2 lines");
    execSync(problem!.fix!.split("for example: ")[1]!);
    expect((await openTable(join(folder, "titled log-table.csv"))).names).toEqual(["user_id", "item_id", "click"]);
  });

  test("are not seen in a file of R, whose header has no name for the row numbers", async () => {
    const path = written("frame.csv", "user_id,click\n1,2,0\n2,3,1\n3,4,0\n");
    await expect(openTable(path)).rejects.toThrow("the number of fields in the line differs from the header");
  });
});
