/**
 * Goldens of charts: `golden/NAME.json`. A chart that differs is written beside it as `NAME.changed.json`, and
 * `npm run charts` draws both; `npm run charts -- --update` takes what is drawn now as the golden.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Chart } from "../../src/charts/index.js";

const folder = join(__dirname, "golden");

/** The chart as its golden holds it, and the golden; `null` where there is none. */
export function compareGolden(name: string, { title, figure, table }: Chart): { now: string; golden: string | null } {
  const [file, changed] = [`${name}.json`, `${name}.changed.json`].map((each) => join(folder, each)) as [
    string,
    string,
  ];
  const now = `${JSON.stringify({ title, figure, table }, null, 1)}\n`;
  if (process.env["PEPNET_GOLDENS"] === "update") writeFileSync(file, now);
  const golden = existsSync(file) ? readFileSync(file, "utf8") : null;
  if (golden === now) rmSync(changed, { force: true });
  else writeFileSync(changed, now);
  return { now, golden };
}

/** A golden's chart; `null` where there is none. */
export function readGolden(name: string): Chart | null {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Chart) : null;
}
