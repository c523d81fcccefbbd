/** A data set's table shows values as the data have them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "preview-"));
  file = path.join(folder, "log.csv");
  const rows = Array.from({ length: 80 }, (_, row) => {
    const time = new Date(Date.UTC(2024, 0, 1) + row * 61_000).toISOString().slice(0, 19).replace("T", " ");
    return [2434 + (row % 3), [28.88, 1234.5][row % 2], time, "2024-01-31"].join(",");
  });
  writeFileSync(file, `user_id,price,time,day\n${rows.join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = async (data: { bundle(): Promise<Record<string, unknown>> }): Promise<string> =>
  String((await data.bundle())["text/plain"]);

test("ids have no separators, and prices no zeros at their end", async () => {
  const shown = await text(await dataset(file));
  expect(shown).toMatch(/^ +2434 +28\.88 +2024-01-01 00:00:00/m);
  expect(shown).toMatch(/^ +2435 +1234\.5 /m);
  expect(shown).not.toMatch(/2,43\d|28\.8800/);
});

test("times look alike before and after a query, and days have no time", async () => {
  const query = `select * from '${file.replaceAll("\\", "/")}'`;
  const [before, after] = [await text(await dataset(file)), await text(await dataset.sql(query))];
  const rowsOf = (shown: string): string => shown.slice(shown.indexOf("  user_id")).split("\n").slice(0, 7).join("\n");
  expect(rowsOf(after)).toBe(rowsOf(before));
  expect(after).toContain("2024-01-01 00:01:01");
  expect(after).not.toMatch(/T\d\d:\d\d/);
});

test("the most frequent values stand before the statistics, which a narrow window cuts off", async () => {
  const shown = await text(await dataset(file));
  const [heading] = /^\s*column .*most frequent.*$/m.exec(shown)!;
  expect(heading.indexOf("most frequent")).toBeLessThan(heading.indexOf("min"));
  expect(heading.indexOf("most frequent")).toBeLessThan(60);
  expect(shown).toContain("28.88 (50.0%), 1234.5 (50.0%)");
  expect(shown).toMatch(/time +timestamp .* 2024-01-01 00:00:00 and others, once each/);
});
