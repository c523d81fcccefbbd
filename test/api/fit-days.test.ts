/** `model.fitDays`: which rows each training sees, what its days are called, and what it says of bad input. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MeasuredDay } from "../../src/api/training/fit-days.js";
import { type DailyTraining, type Dataset, dataset, loadRun, sgd } from "../../src/index.js";
import { dayLog, tasteModel } from "../lab/days/logs.js";

let folder: string;
let log: Dataset;
let days: DailyTraining;
const quick = { start: "3d", quiet: true, engine: "cpu" } as const;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-days-"));
  log = await dayLog({ days: 7, rowsPerDay: 300, users: 60, items: 20, seed: 3 });
  days = await tasteModel.fitDays(log, { ...quick, window: ["2d", "3d"], checkpoints: path.join(folder, "days") });
});
afterAll(() => rmSync(folder, { recursive: true }));

const dayOf = (day: number): Promise<Dataset> => dataset(log.table.slice(day * 300, (day + 1) * 300));
const firstDays = (count: number): Promise<Dataset> => dataset(log.table.slice(0, count * 300));
const weights = (...names: string[]): Buffer => readFileSync(path.join(folder, ...names, "weights.safetensors"));

describe("the trainings", () => {
  it("see these days, and no other", () => {
    const seen = days.facts.trainings.map(({ name, from, to, rows }) => `${name}: ${from}-${to}, ${rows}`);
    expect(seen).toEqual([
      "start: 0-2, 900",
      "afresh-2d-2024-05-03: 1-2, 600",
      "warm-2024-05-04: 3-3, 300",
      "afresh-2d-2024-05-04: 2-3, 600",
      "afresh-3d-2024-05-04: 1-3, 900",
      "warm-2024-05-05: 4-4, 300",
      "afresh-2d-2024-05-05: 3-4, 600",
      "afresh-3d-2024-05-05: 2-4, 900",
      "warm-2024-05-06: 5-5, 300",
      "afresh-2d-2024-05-06: 4-5, 600",
      "afresh-3d-2024-05-06: 3-5, 900",
    ]);
  });

  it("going on has the bytes of a loop of fit that continues each day's folder", async () => {
    const options = { validation: null, engine: "cpu", quiet: true } as const;
    const place = (day: number): string => path.join(folder, `loop-${day}`);
    await (await tasteModel.fit(await firstDays(3), { ...options, checkpoints: place(2) })).dispose();
    for (let day = 3; day < 6; day++) {
      const before = { weights: place(day - 1), optimizer: place(day - 1) };
      const run = await tasteModel.fit(await dayOf(day), { ...options, ...before, checkpoints: place(day) });
      await run.dispose();
    }
    expect(weights("days", "start").equals(weights("loop-2"))).toBe(true);
    for (const day of [3, 4, 5])
      expect(weights("days", `warm-2024-05-0${day + 1}`).equals(weights(`loop-${day}`))).toBe(true);
  });

  it("a folder that a training continues must be that of its weights, and of its model", async () => {
    const place = path.join(folder, "days", "start");
    const options = { validation: null, engine: "cpu", quiet: true } as const;
    await expect(
      tasteModel.fit(await dayOf(3), { ...options, weights: "w.safetensors", optimizer: place }),
    ).rejects.toThrow(/the state of a training belongs to its own weights[\s\S]*weights: ".*start", optimizer/);
    const other = tasteModel.train({ dense: sgd(0.1) });
    await expect(other.fit(await dayOf(3), { ...options, weights: place, optimizer: place })).rejects.toThrow(
      /the state does not fit the optimizer of this weight/,
    );
    const wider = tasteModel.ppnet({ hidden: [8] });
    await expect(wider.fit(await dayOf(3), { ...options, weights: place, optimizer: place })).rejects.toThrow(
      /the model's parameter has another shape/,
    );
  });

  it("afresh has the bytes of a fit on these days alone", async () => {
    const rows = await dataset(log.table.slice(3 * 300, 6 * 300));
    const run = await tasteModel.fit(rows, {
      validation: null,
      engine: "cpu",
      quiet: true,
      checkpoints: path.join(folder, "alone"),
    });
    await run.dispose();
    expect(weights("days", "afresh-3d-2024-05-06").equals(weights("alone"))).toBe(true);
  });

  it("each folder is a run whose AUC on the next day is that of the table", async () => {
    const run = await loadRun(path.join(folder, "days", "warm-2024-05-05"));
    const evaluation = await run.evaluate(await dayOf(5), { intervals: false });
    expect(days.cell("2024-05-06", "warm", "ctr")?.auc.value).toBeCloseTo(evaluation.auc("ctr")!, 9);
    expect(days.cell("2024-05-06", "warm", "ctr", "live")?.auc.value).toBeCloseTo(evaluation.auc("ctr", "live")!, 9);
    const { logLoss } = evaluation.tasks[0]!.overall;
    expect(days.cell("2024-05-06", "warm", "ctr")?.logLoss.value).toBeCloseTo(logLoss!, 9);
    await run.dispose();
  });

  it("a call that was ended resumes, with the same numbers", async () => {
    const stopped = new AbortController();
    const options = { ...quick, window: ["2d", "3d"], checkpoints: { folder: path.join(folder, "resumed") } };
    const onDay = ({ done, planned }: MeasuredDay): void => {
      expect(planned).toBe(4);
      if (done === 2) stopped.abort(new Error("enough"));
    };
    const first = await tasteModel.fitDays(log, { ...options, onDay, signal: stopped.signal });
    expect(first.notes).toContain("interrupted: 2 of 4 days measured");
    expect(first.rows()).toEqual(days.rows().filter(({ day }) => String(day) < "2024-05-06"));
    const resumed = await tasteModel.fitDays(log, {
      ...options,
      checkpoints: { ...options.checkpoints, existing: "resume" },
    });
    expect(resumed.rows()).toEqual(days.rows());
    expect(weights("resumed", "warm-2024-05-06").equals(weights("days", "warm-2024-05-06"))).toBe(true);
    await expect(tasteModel.fitDays(log, options)).rejects.toThrow(/already contains a run/);
  });

  it("an interrupt before the first day rejects", async () => {
    const stopped = new AbortController();
    stopped.abort(new Error("enough"));
    await expect(tasteModel.fitDays(log, { ...quick, signal: stopped.signal })).rejects.toThrow("enough");
  });
});

describe("the results", () => {
  it("have a row per day, variant, task and place", () => {
    const rows = days.rows();
    expect(rows).toHaveLength(4 * 4 * 3);
    expect(new Set(rows.map(({ variant }) => variant))).toEqual(new Set(["warm", "afresh 2d", "afresh 3d", "frozen"]));
    const first = (variant: string) => days.cell("2024-05-04", variant as "warm", "ctr")?.auc;
    expect(first("warm")).toEqual(first("frozen"));
    expect(first("warm")).toEqual(first("afresh 3d"));
    expect(days.cell("2024-05-01", "warm", "ctr")).toBeNull();
  });

  it("have tables and charts, and names that do not exist are errors", async () => {
    for (const name of ["days", "variants", "ageing", "log", "trainings"] as const)
      expect(days.table(name).rows().length).toBeGreaterThan(0);
    for (const name of ["days", "ageing"] as const) expect((await days.chart(name)).title).not.toBe("");
    expect(() => days.table("dayz" as never)).toThrow(/did you mean "days"/);
    expect(() => days.cell("2024-05-04", "wram" as never, "ctr")).toThrow(/did you mean "warm"/);
    expect(() => days.cell("2024-05-04", "warm", "ctrr" as never)).toThrow(/did you mean "ctr"/);
  });

  it("names are checked by the compiler", () => {
    const wrong = (result: Awaited<ReturnType<typeof tasteModel.fitDays>>) => [
      // @ts-expect-error no such tower
      () => result.cell("2024-05-04", "warm", "ctrr"),
      // @ts-expect-error no such variant
      () => result.cell("2024-05-04", "wram", "ctr"),
      // @ts-expect-error no such domain
      () => result.cell("2024-05-04", "warm", "ctr", "liv"),
      // @ts-expect-error no such option
      () => tasteModel.fitDays(log, { evry: "1d" }),
    ];
    expect(wrong(days as never)).toHaveLength(4);
  });

  it("a sentence says what it generalises over", () => {
    for (const text of days.facts.sentences)
      expect(text).toMatch(/over other users, items and days, for one seed|cannot be told|half of what ageing costs/);
  });
});

describe("labels", () => {
  it("a missing day, a day of one class, a new domain and rows without a time are named", async () => {
    const rows = (await dayLog({ days: 8, rowsPerDay: 200, users: 40, items: 10, launch: 6, seed: 5 })).table;
    const all = (await rows.read(rows.names)) as ReadonlyMap<string, { readonly values: ArrayLike<number> }>;
    const columns = Object.fromEntries([...all].map(([name, { values }]) => [name, Array.from(values)]));
    const dayOfRow = (row: number): number => Math.floor(row / 200);
    const kept = Array.from({ length: rows.rows }, (_, row) => row).filter((row) => dayOfRow(row) !== 4);
    const picked = (name: string): number[] => kept.map((row) => columns[name]![row]!);
    const table = {
      ts: kept.map((row, at) => (at === 0 ? null : columns["ts"]![row]!)),
      item_id: picked("item_id"),
      scene: picked("scene"),
      clk: kept.map((row) => (dayOfRow(row) === 5 ? 0 : columns["clk"]![row]!)),
    };
    const gapped = await dataset(table, { time: "ts" });
    const result = await tasteModel.fitDays(gapped, { ...quick, window: "1d" });
    const labels = new Set(
      result.rows().map(({ day, domain_name, variant, note }) => {
        return note === null ? "" : `${day} ${domain_name} ${variant}: ${note}`;
      }),
    );
    expect(labels).toContain("2024-05-05 all warm: no rows");
    expect(labels).toContain("2024-05-06 all warm: one class");
    expect(labels).toContain("2024-05-06 all afresh 1d: no rows to train on");
    expect(labels).toContain("2024-05-07 live frozen: no training rows of this domain");
    expect(labels).toContain("2024-05-07 live warm: no training rows of this domain");
    expect(labels).not.toContain("2024-05-08 live warm: no training rows of this domain");
    const notes = result.notes.join("\n");
    expect(notes).toContain("1 row without a time left out");
    expect(notes).toContain("no rows on 2024-05-05");
    expect(notes).toContain("domain live begins on 2024-05-07, after the first training");
    expect(notes).toContain("have rows of one class: no AUC");
    expect(notes).toContain("these trainings were left out: warm-2024-05-05, afresh-1d-2024-05-05");
    expect(notes).toContain("no column has the role user");
    expect(notes).toContain("no column has the role item");
  });

  it("what a new domain lacks is no ageing", async () => {
    const launched = await dayLog({ days: 9, rowsPerDay: 200, users: 40, items: 10, launch: 5, seed: 5 });
    const { facts, notes } = await tasteModel.fitDays(launched, { ...quick, window: "1d" });
    const of = (domain: number) =>
      facts.ageing.filter((each) => each.domain === domain).map(({ loss, days }) => [days, loss]);
    expect(of(-1)).toEqual(of(0));
    // Models of the 6th, 7th and 8th day know live; the first of them is one day old on the 8th.
    const live = facts.ageing.filter(({ domain, metric }) => domain === 1 && metric === "auc");
    expect(live.map(({ age, days }) => `${age}: ${days}`)).toEqual(["1: 2", "2: 1", "3: 0"]);
    expect(notes.join("\n")).toContain("ageing over all rows leaves it out");
  });

  it("days are those of the role zone", async () => {
    const ahead = await log.roles({ user: "user_id", item: "item_id", time: "ts", zone: "+08:00" });
    const result = await tasteModel.fitDays(ahead, { ...quick, start: "5d" });
    expect(result.facts.days.map(({ name, rows }) => `${name} ${rows}`)).toEqual([
      "2024-05-01 200",
      ...[2, 3, 4, 5, 6, 7].map((day) => `2024-05-0${day} 300`),
      "2024-05-08 100",
    ]);
  });

  it("the share of new ids is exact", () => {
    const { days: all } = days.facts;
    expect(all[0]!.newIds["item_id"]).toBe(1);
    expect(all[6]!.newIds).toEqual({ item_id: 0, scene: 0 });
  });

  it("a schedule that days cut is named, and so are one day and two", async () => {
    const scheduled = tasteModel.train({
      denseLearningRate: {
        kind: "cosine_annealing",
        tMax: 1000,
        byEpoch: false,
        minLearningRate: 0,
        warmupLearningRate: 0,
        warmupSize: 0,
      } as never,
    });
    const result = await scheduled.fitDays(log, { ...quick, start: "6d", window: "1d" });
    const notes = result.notes.join("\n");
    expect(notes).toMatch(
      /learning rate schedule of dense \(cosine_annealing\) has 1,000 steps: warm ends at step 1\d of 1,000/,
    );
    expect(notes).toContain("1 measured day: too few to tell anything of other days");
    expect(notes).toContain("no ageing: one measured day has no older model");
    expect(result.facts.sentences.join("\n")).toMatch(/cannot be told: fewer than 3 days/);
  });
});

describe("bad input", () => {
  const errorOf = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => null,
      (thrown: Error) => thrown,
    );
    return error?.message ?? "no error";
  };

  it("has errors with a fix", async () => {
    const untimed = await dataset(log.table.withRoles({}));
    expect(await errorOf(tasteModel.fitDays(untimed, quick))).toMatchInlineSnapshot(`
      "fitDays: generated days (seed 3): no column has the role time, so no row is on a day
        expected: a log whose roles name the column of times
        fix: const log = await data.roles({ time: "ts" })"
    `);
    expect(await errorOf(tasteModel.fitDays(log, { ...quick, start: "7d" }))).toMatchInlineSnapshot(`
      "fitDays.start: the first training would see the whole log, and nothing would be left to measure
        received: 7d, of a log from 2024-05-01 to 2024-05-07 (7 periods of 1d)
        expected: less than 7d
        fix: start: "3d""
    `);
    expect(await errorOf(tasteModel.fitDays(log, { ...quick, start: "36h" }))).toMatchInlineSnapshot(`
      "fitDays.start: not a whole number of periods of 1d
        received: 36h
        expected: a multiple of 1d
        fix: start: "2d""
    `);
    expect(await errorOf(tasteModel.fitDays(log, { ...quick, every: "daily" }))).toMatchInlineSnapshot(`
      "fitDays.every: not a duration
        received: "daily"
        expected: an amount with a unit: seconds "90s", minutes "30m", hours "1h", days "7d" or weeks "2w""
    `);
    expect(await errorOf(tasteModel.fitDays(log, { ...quick, window: 7 as never }))).toMatchInlineSnapshot(`
      "fitDays.window: not a duration
        received: 7
        expected: an amount with a unit: seconds "90s", minutes "30m", hours "1h", days "7d" or weeks "2w""
    `);
    expect(await errorOf(tasteModel.fitDays(log, { ...quick, every: "1s", start: "1s" }))).toMatchInlineSnapshot(`
      "fitDays.every: too many periods, each of which is a training
        received: 604,406 periods of 1s
        expected: at most 1,000 periods
        fix: every: "1d", start: "1d""
    `);
    expect(await errorOf(tasteModel.fitDays(await dayOf(2), quick))).toMatchInlineSnapshot(`
      "fitDays: the log has rows on one period of 1d only, so there is no next one to measure
        received: 2024-05-03
        expected: at least two periods
        fix: every: "6h", start: "6h""
    `);
    expect(await errorOf(tasteModel.train({ steps: 20 }).fitDays(log, quick))).toMatchInlineSnapshot(`
      "fitDays: training.steps: a number of steps is the length of one training, and days have different numbers of rows
        received: steps 20
        expected: passes over the rows of each training
        fix: model.fitDays(log, { epochs: 1 })"
    `);
    expect(await errorOf(tasteModel.fitDays(log, { ...quick, epochs: 0, matters: 0 }))).toMatchInlineSnapshot(`
      "fitDays.epochs: number out of range
        received: 0
        expected: an integer ≥ 1

      fitDays.matters: number out of range
        received: 0
        expected: a number > 0"
    `);
  });
});
