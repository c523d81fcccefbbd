import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickModel, clickRows } from "../../click-log.js";
import { type Outcome, pepnetIn } from "./command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-report-"));
  const data = await clickRows();
  const run = await clickModel.fit(data, { epochs: 1 });
  await run.save(path.join(folder, "run"));
  await data.toParquet(path.join(folder, "rows.parquet"));
  await run.dispose();
});
afterAll(() => rm(folder, { recursive: true }));

const report = (...args: string[]): Promise<Outcome> => pepnetIn(folder, "report", "--run", "run", ...args);

describe("pepnet report", () => {
  it("writes the page and says where it is, with what to try next", async () => {
    const data = ["--data", "rows.parquet", "--training", "rows.parquet", "--rows", "500"];
    const { code, out, err } = await report(...data, "-o", "out/page.html", "--title", "From a shell");
    expect(err).toBe("");
    expect(code).toBe(0);
    const html = await readFile(path.join(folder, "out/page.html"), "utf8");
    expect(html).toContain("<title>From a shell</title>");
    expect(html).toContain('<section id="gates"');
    const lines = out.trimEnd().split("\n");
    expect(lines.at(-1)).toBe(`saved path=out/page.html bytes=${Buffer.byteLength(html)} findings=${lines.length - 1}`);
  });

  it("refuses to write over what is no report, unless it is told to", async () => {
    await writeFile(path.join(folder, "mine.html"), "mine");
    const refused = await report("-o", "mine.html");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("a file that is not a report");
    expect((await report("-o", "mine.html", "--force")).code).toBe(0);
    expect((await report("-o", "mine.html")).code).toBe(0);
  });

  it("compares with a baseline: the folder of a run, or columns of scores", async () => {
    const twin = await report("--data", "rows.parquet", "--baseline", "run", "-o", "twin.html", "--rows", "200");
    expect([twin.code, twin.err]).toEqual([0, ""]);
    expect(await readFile(path.join(folder, "twin.html"), "utf8")).toContain("Compared with run</h2>");
    const scores = await report(
      "--data",
      "rows.parquet",
      "--baseline",
      "ctr=clk",
      "-o",
      "scores.html",
      "--rows",
      "200",
    );
    expect(scores.out).toMatch(/^finding ctr: AUC is below that of clk in this training: over all rows/m);
    expect((await report("--baseline", "run", "-o", "x.html")).code).toBe(2);
    expect((await report("--data", "rows.parquet", "--baseline", "ctr=nothing", "-o", "x.html")).err).toMatch(
      "nothing",
    );
  });

  it("is misused without a run or a place", async () => {
    expect((await pepnetIn(folder, "report", "-o", "x.html")).code).toBe(2);
    expect((await report()).code).toBe(2);
  });
});
