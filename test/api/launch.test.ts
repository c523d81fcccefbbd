/** `model.launch`: which rows each training sees, what it returns, and what it says of bad input. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isStreamed } from "../../src/core/data/encoded/streamed.js";
import { type AnyModel, type Dataset, type DomainLaunch, dataset, loadRun } from "../../src/index.js";
import type { LaunchOptions, LaunchTraining } from "../../src/types.js";
import { launchModel, worldLog } from "../lab/launch/worlds.js";

let folder: string;
let log: Dataset;
let launch: DomainLaunch;
const quick = { domain: "live", quiet: true, engine: "cpu", draws: 2 } as const;
const rows = [100, 200];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-launch-"));
  log = await worldLog({ rows: 1500, users: 60, items: 20, seed: 3 });
  launch = (await launchModel.launch(log, {
    ...quick,
    rows,
    checkpoints: path.join(folder, "launch"),
  })) as unknown as DomainLaunch;
});
afterAll(() => rmSync(folder, { recursive: true }));

async function column(of: Dataset, name: string): Promise<number[]> {
  return Array.from(((await of.table.read([name])).get(name) as unknown as { values: ArrayLike<number> }).values);
}

const run = (source: Dataset, options: Partial<LaunchOptions> = {}): Promise<DomainLaunch> =>
  launchModel.launch(source, { ...quick, ...options } as never) as never;

describe("the trainings", () => {
  it("are these, in this order", () => {
    const { trainings, baseRows } = launch.facts;
    const all = trainings.filter(({ draw }) => draw === 0).map(({ name, rows: of }) => `${name}: ${of}`);
    const starts = ["from-feed", "from-shop", "mean-of-others", "nothing"];
    expect(all).toEqual([
      `base: ${baseRows}`,
      ...rows.flatMap((size) => starts.map((name) => `${name}-${size}: ${size}`)),
    ]);
    expect(trainings).toHaveLength(3 * all.length);
    expect(readdirSync(path.join(folder, "launch")).sort()).toEqual(trainings.map(({ name }) => name).sort());
  });

  it("see the other domains before the measured rows, and the domain's first rows in time", async () => {
    const scenes = await column(log, "scene");
    const live = [...scenes.keys()].filter((row) => scenes[row] === 2);
    const half = Math.ceil(live.length / 2);
    const before = [...scenes.keys()].filter((row) => scenes[row] !== 2 && row < live[half]!);
    const { baseRows, measuredRows } = launch.facts;
    expect([baseRows, measuredRows]).toEqual([before.length, live.length - half]);
  });

  it("have the bytes of fit with newDomains on the same rows", async () => {
    const scenes = await column(log, "scene");
    const live = [...scenes.keys()].filter((row) => scenes[row] === 2);
    const before = [...scenes.keys()].filter((row) => scenes[row] !== 2 && row < live[Math.ceil(live.length / 2)]!);
    const options = { validation: null, engine: "cpu", quiet: true } as const;
    const take = (numbers: number[]): Promise<Dataset> => dataset(log.table.take(Int32Array.from(numbers)));
    const place = (name: string): string => path.join(folder, name);
    const weights = (...names: string[]): Buffer => readFileSync(path.join(folder, ...names, "weights.safetensors"));
    await (await launchModel.fit(await take(before), { ...options, checkpoints: place("base") })).dispose();
    expect(weights("base").equals(weights("launch", "base"))).toBe(true);
    const first = await take(live.slice(0, 200));
    for (const [name, from] of [
      ["from-feed-200", "feed"],
      ["mean-of-others-200", ["feed", "shop"]],
    ] as const) {
      const newDomains = { live: from };
      const grown = await launchModel.fit(first, {
        ...options,
        weights: place("base"),
        newDomains,
        checkpoints: place(name),
      });
      await grown.dispose();
      expect(weights(name).equals(weights("launch", name))).toBe(true);
    }
    await (await launchModel.fit(first, { ...options, checkpoints: place("nothing-200") })).dispose();
    expect(weights("nothing-200").equals(weights("launch", "nothing-200"))).toBe(true);
    expect((await loadRun(path.join(folder, "launch", "from-feed-200"))).spec.domains?.names).toContain("live");
  });

  it("resume to the same facts, and train only what is missing", async () => {
    const place = path.join(folder, "stopped");
    const stop = new AbortController();
    const trained: string[] = [];
    const checkpoints = { folder: place, existing: "resume" } as const;
    const onTraining = ({ name }: LaunchTraining): void => {
      trained.push(name);
      if (trained.length === 8) stop.abort();
    };
    const part = await run(log, { rows, checkpoints, signal: stop.signal, onTraining });
    expect(part.facts.interrupted).toBe(true);
    expect(part.facts.sizes).toEqual([0, 100]);
    expect(part.facts.draws).toBe(0);
    expect(part.notes.join("\n")).toContain("interrupted: 2 of 3 sizes and 0 of 2 draws were trained");
    expect(part.facts.sentences.join("\n")).toContain("cannot be told without draws of other users");
    const whole = await run(log, { rows, checkpoints });
    expect(whole.facts).toEqual(launch.facts);
  });

  it("a training that goes on says from which step", async () => {
    const checkpoints = { folder: path.join(folder, "halfway"), existing: "resume", everySteps: 2 } as const;
    const options = { rows: [200], epochs: 40, draws: 0, checkpoints } as const;
    const stop = new AbortController();
    const timer = setInterval(() => {
      const base = path.join(checkpoints.folder, "base");
      const saved = existsSync(base) ? readdirSync(base) : [];
      if (saved.some((name) => name.startsWith("checkpoint-"))) stop.abort(new Error("enough"));
    }, 1);
    await expect(run(log, { ...options, signal: stop.signal })).rejects.toThrow("enough");
    clearInterval(timer);
    expect((await run(log, options)).notes.join("\n")).toMatch(/base: resuming from step \d+/);
  });

  it("an interrupt before anything is measured is the signal's", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(run(log, { rows, signal: stop.signal })).rejects.toThrow("enough");
  });
});

describe("the result", () => {
  it("has tables, charts and cells", async () => {
    expect(launch.rows()).toHaveLength(12);
    expect(launch.cell("from feed", 0, "ctr")?.auc.value).toBeGreaterThan(0.4);
    expect(launch.cell("nothing", 200, "ctr")?.trained).toBe(200);
    expect(launch.cell("nothing", 300, "ctr")).toBeNull();
    expect(launch.ownTower("from feed", "ctr")?.gains.map(({ trained }) => trained)).toEqual(rows);
    expect(launch.ownTower("nothing", "ctr")).toBeNull();
    expect(launch.facts.comparisons).toHaveLength(3);
    expect(String(launch.table("starts"))).toContain("mean of others");
    expect(String(launch.table("pays"))).toContain("from shop");
    expect(String(launch.table("trainings"))).toContain("draw-2-nothing-200");
    expect((await launch.chart()).sheet).toBeDefined();
    expect((await launch.chart("pays")).sheet).toBeDefined();
    expect(() => launch.cell("from fed" as never, 0, "ctr")).toThrow(/did you mean "from feed"/);
    expect(() => launch.ownTower("from feed", "crt" as never)).toThrow(/did you mean "ctr"/);
    expect(() => launch.table("curves" as never)).toThrow(/did you mean "curve"/);
  });

  it("says what its intervals generalise over", () => {
    for (const text of launch.facts.sentences) expect(text).toMatch(/over other users and trainings|cannot be told/);
  });

  it("names are checked by the compiler", () => {
    const wrong = (result: Awaited<ReturnType<typeof launchModel.launch>>) => [
      // @ts-expect-error no such tower
      () => result.cell("from feed", 0, "ctrr"),
      // @ts-expect-error no such start
      () => result.cell("form feed", 0, "ctr"),
      // @ts-expect-error no such domain
      () => result.cell("from liv", 0, "ctr"),
      // @ts-expect-error no such domain
      () => launchModel.launch(log, { domain: "liv" }),
      // @ts-expect-error no such option
      () => launchModel.launch(log, { domain: "live", size: 3 }),
    ];
    expect(wrong(launch as never)).toHaveLength(5);
  });
});

describe("other rows", () => {
  it("without a time, the first rows are in a fixed random order, said so", async () => {
    const untimed = await log.roles({ user: "user_id" });
    const result = await run(untimed, { rows: [100], draws: 0 });
    expect(result.facts.order).toBe("random");
    expect(result.notes.join("\n")).toMatch(
      /no column has the role time, so the \d+ rows of live are in a fixed random order/,
    );
    expect((await run(untimed, { rows: [100], draws: 0 })).facts).toEqual(result.facts);
    const nobody = await run(await dataset(log.table.withRoles({})), { rows: [100], draws: 0, user: null });
    const notes = nobody.notes.join("\n");
    expect(notes).toContain("no column has the role user");
    expect(notes).toContain("0 draws of other users");
    expect(nobody.facts.cells.every(({ auc }) => auc.low === null)).toBe(true);
  });

  it("validation rows are measured, and all others train", async () => {
    const validation = await dataset(log.table.slice(1000, 1500));
    const train = await dataset(log.table.slice(0, 1000));
    const result = await run(train, { rows: [100], draws: 0, validation });
    const live = (await column(validation, "scene")).filter((scene) => scene === 2).length;
    const others = (await column(train, "scene")).filter((scene) => scene !== 2).length;
    expect([result.facts.measuredRows, result.facts.baseRows]).toEqual([live, others]);
    expect(result.notes.join("\n")).toContain(`its ${live} validation rows are measured`);
  });

  it("a domain may be a number, begin at the end, or be the only other one", async () => {
    const scenes = await column(log, "scene");
    const late = [...scenes.keys()].filter((row) => scenes[row] !== 2 || row > 1200);
    const result = await run(await dataset(log.table.take(Int32Array.from(late))), { domain: 2, draws: 0 });
    expect(result.facts.domain).toBe("live");
    expect(result.facts.sizes).toHaveLength(2);
    expect(result.notes.join("\n")).toMatch(/a training on \d+ rows has 1 step of 128 rows/);
    const two = [...scenes.keys()].filter((row) => scenes[row] !== 1);
    const pair = await run(await dataset(log.table.take(Int32Array.from(two))), { rows: [100], draws: 0 });
    expect(pair.facts.starts.map(({ name }) => name)).toEqual(["from feed", "nothing"]);
    expect(pair.notes.join("\n")).toContain("no rows to start from: shop");
  });

  it("on disk give the same launch as in memory", async () => {
    const file = path.join(folder, "log.parquet");
    await log.toParquet(file);
    const roles = { user: "user_id", time: "ts" } as const;
    const disk = await dataset(file, { ...roles, memoryMB: 0.02 });
    expect(isStreamed(await disk.encode(launchModel.spec))).toBe(true);
    const memory = await dataset(file, roles);
    const [streamed, whole] = await Promise.all(
      [disk, memory].map((each) => run(each as unknown as Dataset, { rows: [100], draws: 1 })),
    );
    expect(streamed!.facts).toEqual(whole!.facts);
  });

  it("a user with many rows is named", async () => {
    const users = await column(log, "user_id");
    const [ts, item_id, scene, clk] = await Promise.all(
      ["ts", "item_id", "scene", "clk"].map((name) => column(log, name)),
    );
    const user_id = users.map((user) => (user < 20 ? 0 : user));
    const columns = { ts: ts!, item_id: item_id!, scene: scene!, clk: clk!, user_id };
    const heavy = await dataset(columns, { user: "user_id", time: "ts" });
    const result = await run(heavy, { rows: [100], draws: 0 });
    expect(result.notes.join("\n")).toMatch(/one user has 3\d% of the measured rows/);
  });
});

describe("bad input", () => {
  const errorOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "no error",
      (thrown: Error) => thrown.message,
    );

  it("of the domain and the model has errors with a fix", async () => {
    expect(await errorOf(run(log, { domain: "liv" }))).toMatchInlineSnapshot(`
      "launch: domain: unknown domain "liv"
        received: "liv"
        expected: one of "feed", "shop", "live"
        fix: did you mean "live"?"
    `);
    expect(await errorOf(run(log, { domain: 3 }))).toMatchInlineSnapshot(`
      "launch: domain: unknown domain "3"
        received: "3"
        expected: one of "feed", "shop", "live", or a number from 0 to 2"
    `);
    expect(await errorOf(run(log, { domain: undefined as never }))).toMatchInlineSnapshot(`
      "launch: domain: unknown domain "undefined"
        received: "undefined"
        expected: one of "feed", "shop", "live""
    `);
    const shared = launchModel.switches({ sharedTowers: true }) as unknown as AnyModel;
    expect(await errorOf(shared.launch(log, quick))).toMatchInlineSnapshot(`
      "launch: all domains share the towers, so a domain has none of its own
        received: sharedTowers: true
        expected: a tower for each domain
        fix: model.switches({ sharedTowers: false })"
    `);
    const { spec } = launchModel;
    const { modelFromSpec } = await import("../../src/api/model/model.js");
    expect(await errorOf(modelFromSpec({ ...spec, domains: null }).launch(log, quick))).toMatchInlineSnapshot(`
      "launch: a launch starts a domain from others, and the model has no two domains
        received: no domains
        expected: at least two domains
        fix: add .domains("scene", ["feed", "live"])"
    `);
    expect(await errorOf(launchModel.train({ steps: 20 }).launch(log, quick))).toMatchInlineSnapshot(`
      "launch: training.steps: a number of steps is the length of one training, and trainings have different numbers of rows
        received: steps 20
        expected: passes over the rows of each training
        fix: model.launch(train, { domain: "live", epochs: 1 })"
    `);
  });

  it("of rows has errors with a fix", async () => {
    const scenes = await column(log, "scene");
    const where = (takes: (scene: number, row: number) => boolean): Promise<Dataset> =>
      dataset(log.table.take(Int32Array.from([...scenes.keys()].filter((row) => takes(scenes[row]!, row)))));
    expect(await errorOf(run(log, { rows: [100, 20_000] }))).toMatchInlineSnapshot(`
      "launch.rows: the domain has fewer rows to train on
        received: 20000
        expected: at most 248 rows: the others are measured, or are no training rows
        fix: rows: [100, 248]"
    `);
    expect(await errorOf(run(log, { rows: [0.5] }))).toMatchInlineSnapshot(`
      "launch.rows: number out of range
        received: 0.5
        expected: an integer ≥ 1"
    `);
    expect(await errorOf(run(log, { rows: [] }))).toMatchInlineSnapshot(`
      "launch.rows: no numbers of rows
        received: []
        expected: numbers of the domain's first rows
        fix: rows: [300, 1000, 3000]"
    `);
    expect(await errorOf(run(log, { draws: -1, matters: 0 }))).toMatchInlineSnapshot(`
      "launch.matters: number out of range
        received: 0
        expected: a number > 0

      launch.draws: number out of range
        received: -1
        expected: an integer ≥ 0"
    `);
    expect(await errorOf(run(await where((scene) => scene !== 2)))).toMatchInlineSnapshot(`
      "launch: columns in memory: domain live has too few rows to train on some and measure others
        received: 0 rows
        expected: at least 2 rows with a time"
    `);
    expect(await errorOf(run(await where((scene) => scene === 2)))).toMatchInlineSnapshot(`
      "launch: columns in memory: all rows are of domain live, so there is no other domain to start from
        expected: rows of other domains"
    `);
    expect(await errorOf(run(await where((scene, row) => (scene === 2) === row < 750)))).toMatchInlineSnapshot(`
      "launch: columns in memory: no row of another domain is earlier than the measured rows of live
        received: 497 rows of other domains, all later
        expected: rows of other domains before
        fix: launch a later domain, or measure on other rows: { validation }"
    `);
    const others = await where((scene) => scene !== 2);
    expect(await errorOf(run(log, { validation: others }))).toMatchInlineSnapshot(`
      "launch: columns in memory: the validation rows have none of domain live, so nothing is measured
        expected: rows of live
        fix: leave validation out: the later half of its rows is measured"
    `);
    const clicks = await column(log, "clk");
    expect(await errorOf(run(await where((scene, row) => scene !== 2 || clicks[row] === 0)))).toMatchInlineSnapshot(`
      "launch: columns in memory: the measured rows of domain live are of one class, so there is no AUC
        received: 152 rows, labels clk
        expected: rows with and without the label
        fix: measure on more rows: { validation }"
    `);
  });
});
