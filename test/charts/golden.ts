/**
 * Goldens of charts: `golden/NAME.json`, whose keys are sorted. A chart that differs is written beside it as
 * `NAME.changed.json`, and `npm run charts` draws both; `npm run charts -- --update` makes it the golden.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Chart } from "../../src/views/index.js";

const folder = join(__dirname, "golden");

/** The chart as its golden holds it, and the golden; `null` if missing. */
export function compareGolden(name: string, { title, figure, table }: Chart): { now: string; golden: string | null } {
  const [file, changed] = [`${name}.json`, `${name}.changed.json`].map((each) => join(folder, each)) as [
    string,
    string,
  ];
  const now = `${sortedJson({ title, figure, table }, 1)}\n`;
  if (process.env["PEPNET_GOLDENS"] === "update") writeFileSync(file, now);
  const golden = existsSync(file) ? readFileSync(file, "utf8") : null;
  if (golden === now) rmSync(changed, { force: true });
  else writeFileSync(changed, now);
  return { now, golden };
}

/** JSON whose objects have their keys in alphabetical order. */
export function sortedJson(value: unknown, indent?: number): string {
  const sorted = (_: string, each: unknown): unknown =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each;
  return JSON.stringify(value, sorted, indent);
}

/** A golden's chart; `null` if missing. */
export function readGolden(name: string): Chart | null {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Chart) : null;
}
