/** The judges of docs/what-a-verdict-means.md are those of the sources; `vitest -u` writes them. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { dataJudges } from "../../src/core/data/check/judges.js";
import { auditJudges } from "../../src/lab/gates/audit-checks.js";
import { runJudges } from "../../src/lab/report/judges/judges.js";
import { tableRow, withRows } from "./tables.js";

const root = path.resolve(__dirname, "../..");
const page = path.join(root, "docs/what-a-verdict-means.md");
const lists = { rows: dataJudges, "a training and its results": runJudges, "parts of a model": auditJudges };
const judges = Object.entries(lists).flatMap(([of, list]) => list.map((judge) => ({ ...judge, of })));

it("lists every judge, with its condition and the test that holds it", async () => {
  const rows = judges.map(({ name, of, severity, when, heldBy }) =>
    tableRow(name, of, severity, when, `\`${heldBy}\``),
  );
  const text = readFileSync(page, "utf8");
  await expect(withRows(text, "| judge | of |", rows)).toMatchFileSnapshot(page);
});

it("names each judge once, with a test that exists", () => {
  expect(new Set(judges.map(({ name }) => name)).size).toBe(judges.length);
  for (const { name, heldBy } of judges) {
    expect(existsSync(path.join(root, heldBy)), `${name}: ${heldBy}`).toBe(true);
  }
});
