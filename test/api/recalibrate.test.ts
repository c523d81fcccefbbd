/** A run is recalibrated by domain: its probabilities agree with the rates, and everything else reads the new weights. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/util/random.js";
import { type AnyModel, loadModel, loadRun, type RecalibrationResult, type Run } from "../../src/index.js";
import { model, rows, train } from "../lab/gates/planted.js";
import { wholeTitle } from "../whole-title.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-recalibrate-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rows whose negatives were thinned out in the second scene, as a log that keeps a part of them. */
function thinned(count: number, seed: number): ReturnType<typeof rows> {
  const source = random(seed);
  const { item, mood, scene, clk } = rows(count, seed, false);
  const kept = clk.flatMap((label, row) => (label === 1 || scene[row] === 0 || source.uniform() < 0.3 ? [row] : []));
  const pick = (values: number[]): number[] => kept.map((row) => values[row]!);
  return { item: pick(item), mood: pick(mood), scene: pick(scene), clk: pick(clk) };
}

const validation = thinned(6_000, 31);
const test = thinned(6_000, 32);
let run: Run;
let result: RecalibrationResult<Run>;
beforeAll(async () => {
  run = await train(3, false, { validation });
  result = await run.recalibrate(validation);
});

async function logits(of: Run): Promise<number[]> {
  const predicted = await (await of.predict(test)).toRows();
  return predicted.map((row) => Number(row["logits_ctr"]));
}

describe("a recalibrated run", () => {
  it("predicts the lines of its domains", async () => {
    const [before, after] = [await logits(run), await logits(result.run)];
    const { domains } = result.tasks[0]!;
    for (const [row, scene] of test.scene.entries()) {
      const { slope, shift } = domains[scene]!.line!;
      expect(after[row]).toBeCloseTo(slope * before[row]! + shift, 4);
    }
    expect(domains[0]!.line!.shift).toBeLessThan(0.25);
    expect(domains[1]!.line!.shift).toBeGreaterThan(0.9); // ln(1 / 0.3) is 1.2
  });

  it("agrees with the rates of other rows, and ranks each domain as before", async () => {
    const ratio = async (of: Run): Promise<number[]> =>
      (await of.calibration(test)).tasks[0]!.domains.map((curve) => curve.ratio!.value!);
    const [before, after] = [await ratio(run), await ratio(result.run)];
    expect(before[1]).toBeLessThan(0.85);
    for (const each of after) expect(Math.abs(each - 1)).toBeLessThan(0.06);
    const aucs = async (of: Run) => (await of.evaluate(test)).tasks[0]!.domains.map(({ auc }) => auc!);
    for (const [domain, auc] of (await aucs(result.run)).entries()) {
      expect(auc).toBeCloseTo((await aucs(run))[domain]!, 5);
    }
  });

  it("says what it is worth on rows that a line was not fitted to", async () => {
    const [overall, first, second] = result.rows();
    expect(overall!["says"]).toBe("better");
    expect(second!["says"]).toBe("better");
    expect(first!["says"]).toMatch(/^cannot be told: these rows show gains of 0\.\d+ or more$/);
    expect(Number(second!["ratio_before"])).toBeLessThan(0.85);
    expect(Math.abs(Number(second!["ratio_after"]) - 1)).toBeLessThan(0.06);
    expect(wholeTitle(await result.chart("before"))).toMatch(/^ctr predicts × 0\.\d+ \(.*in <b>live<\/b>/);
    expect(wholeTitle(await result.chart())).toMatch(/^ctr .* no domain off beyond noise/);
  });

  it("is saved, loaded and exported with its weights", async () => {
    const expected = await logits(result.run);
    await result.run.save(path.join(folder, "run"));
    expect(await logits(await loadRun(path.join(folder, "run")))).toEqual(expected);
    await result.run.export(path.join(folder, "served"));
    const served = await loadModel(path.join(folder, "served"));
    const predicted = await (await served.predict(test)).toRows();
    for (const [row, each] of predicted.entries()) expect(Number(each["logits_ctr"])).toBeCloseTo(expected[row]!, 4);
  });

  it("has one line a task if asked, also where domains share a tower", async () => {
    const shared = model.switches({ sharedTowers: true }) as AnyModel;
    const trained = await train(4, false, { validation, epochs: 1 }, shared);
    await expect(trained.recalibrate(validation, { by: "domain" })).rejects.toThrow(
      /have towers of their own[\s\S]*received: "domain"[\s\S]*by: "all"/,
    );
    await expect(run.recalibrate(validation, { by: "city" as "all" })).rejects.toThrow(/received: "city"/);
    const { tasks, by, run: calibrated } = await trained.recalibrate(validation);
    const { slope, shift } = tasks[0]!.overall.line!;
    expect([by, tasks[0]!.domains[1]!.line]).toEqual(["all", null]);
    const [before, after] = [await logits(trained), await logits(calibrated)];
    for (const [row, each] of after.entries()) expect(each).toBeCloseTo(slope * before[row]! + shift, 4);
  });

  it("stays as it is where rows of a class are few", async () => {
    const few = { item: [1, 2, 3], mood: [1, 2, 3], scene: [0, 1, 0], clk: [0, 1, 0] };
    const { tasks, notes, run: same } = await run.recalibrate(few);
    expect(tasks).toEqual([]);
    expect(notes.join()).toContain("ctr stays as it is: 1 of 3 rows are positive, and a line needs 10 rows");
    expect(await logits(same)).toEqual(await logits(run));
  });
});
