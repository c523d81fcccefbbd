/** Who frees engines: threads and descriptors of this process over many fits, with and without `dispose`. */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dataset, dataset } from "../../src/api/data/dataset.js";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import type { Run } from "../../src/api/run/run.js";
import { loadModel, type ServedModel } from "../../src/api/served-model.js";
import { laterRunEngine } from "../../src/api/training/engines.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { createEngine } from "../../src/core/engine/create-engine.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import { rowsBetween, toyData, toySpec } from "../core/engine/toy.js";

const model = pepnet()
  .features(idFeature("user_id").buckets(200).embedding(4), idFeature("adgroup_id").buckets(150).embedding(4))
  .labels("clk")
  .group("uia", ["user_id"])
  .ppnet({ hidden: [8] })
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .train({ batchSize: 64, seed: 3 });

/** What the operating system gave this process. */
interface Held {
  readonly threads: number;
  readonly descriptors: number;
}

async function held(): Promise<Held> {
  const [threads, descriptors] = await Promise.all(["task", "fd"].map((kind) => readdir(`/proc/self/${kind}`)));
  return { threads: threads!.length, descriptors: descriptors!.length };
}

/** Does something again and again, and returns what is held then beyond what was held after the first few times. */
async function growth(times: number, work: (index: number) => Promise<unknown>): Promise<Held> {
  const warm = 6;
  for (let index = 0; index < warm; index++) await work(index);
  const before = await held();
  for (let index = 0; index < times; index++) await work(warm + index);
  const after = await held();
  return { threads: after.threads - before.threads, descriptors: after.descriptors - before.descriptors };
}

/**
 * Less than an engine a round, of two rounds or more: two threads and eight descriptors each. Threads of a pool that end or
 * begin come and go.
 */
const flat = (grown: Held): void => {
  expect(grown.threads).toBeLessThan(4);
  expect(grown.descriptors).toBeLessThan(8);
};

let folder: string;
let data: Dataset;
const fit = (seed = 3): Promise<Run> => model.fit(data, { steps: 2, quiet: true, seed });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-owner-"));
  data = await dataset(taobaoLike({ rows: 600, seed: 3, users: 200, ads: 150 }).columns);
});
afterAll(() => rm(folder, { recursive: true }));

describe.runIf(process.platform === "linux")("threads and descriptors stay as they are", () => {
  it("over fits whose runs are disposed of, and never used", async () => {
    flat(await growth(12, async () => (await fit()).dispose()));
  });

  it("over fits whose runs are all kept, and each still predicts what it did", async () => {
    const runs: Run[] = [];
    const first: number[][] = [];
    flat(
      await growth(12, async (index) => {
        const run = await fit(index);
        runs.push(run);
        first.push(await predicted(run));
      }),
    );
    const before = await held();
    for (const [index, run] of runs.entries()) expect(await predicted(run)).toEqual(first[index]);
    const after = await held();
    flat({ threads: after.threads - before.threads, descriptors: after.descriptors - before.descriptors });
    expect(new Set(first.map(String)).size).toBe(runs.length);
    await Promise.all(runs.map((run) => run.dispose()));
  });

  it("over runs that are loaded, used and left", async () => {
    const run = await fit();
    await run.save(path.join(folder, "run"));
    await run.dispose();
    flat(await growth(12, async () => predicted(await loadRun(path.join(folder, "run")))));
  });

  it("over fits that fail or are interrupted", async () => {
    flat(
      await growth(12, async () => {
        await expect(model.fit(data, { steps: 2, quiet: true, weights: folder })).rejects.toThrow();
        const stopped = new AbortController();
        const run = await model.fit(data, {
          epochs: 50,
          quiet: true,
          signal: stopped.signal,
          onProgress: () => stopped.abort(),
        });
        expect(run.interrupted).toBe(true);
      }),
    );
  });

  it("over estimates and studies", async () => {
    flat(
      await growth(2, async (index) => {
        await model.estimate(data, { seconds: 0.1 });
        await model.ablate(data, {
          variants: { "ppnet.hidden": [[4]] },
          seeds: [index, 100],
          quiet: true,
          cache: false,
        });
      }),
    );
  });

  it("over exported models", async () => {
    const run = await fit();
    await run.export(path.join(folder, "served"));
    await run.dispose();
    const rows = data.sample(20);
    flat(
      await growth(12, async () => {
        const served = await loadModel(path.join(folder, "served"));
        await served.predict(rows);
        await served.dispose();
      }),
    );
    const kept: ServedModel[] = [];
    const first: unknown[] = [];
    flat(
      await growth(12, async () => {
        const served = await loadModel(path.join(folder, "served"));
        kept.push(served);
        first.push(await (await served.predict(rows)).head(20));
      }),
    );
    // Those that were put away are opened again, and need their folder no more.
    await rm(path.join(folder, "served"), { recursive: true });
    for (const [index, served] of kept.entries()) {
      expect(await (await served.predict(rows)).head(20)).toEqual(first[index]);
    }
  });
});

it("a run that nothing refers to any more is freed", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const freed: string[] = [];
  const watch = new FinalizationRegistry<string>((name) => freed.push(name));
  await (async () => watch.register(await fit(), "run"))();
  await expect
    .poll(async () => {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
      return freed;
    })
    .toEqual(["run"]);
});

it("a run that was disposed of says so, and shows what it holds without an engine", async () => {
  const run = await fit();
  await run.save(path.join(folder, "disposed"));
  const loaded = await loadRun(path.join(folder, "disposed"));
  for (const each of [run, loaded]) {
    await Promise.all([each.dispose(), each.dispose()]);
    await each.dispose();
    await expect(each.predict(data)).rejects.toThrow(/the run was disposed of/);
    await expect(each.predict(data)).rejects.toThrow(/loadRun/);
    expect((await each.bundle())["text/plain"]).toMatch(/ctr/);
  }
});

it("disposing waits for what uses the engine, and for an engine that is being opened", async () => {
  const batch = { data: toyData(50), rows: rowsBetween(0, 50) };
  const opened: string[] = [];
  const owner = laterRunEngine(async () => {
    opened.push("opened");
    return createEngine(toySpec, { threads: 1 });
  }, 1);
  const [inUse, goOn] = [signalled(), signalled()];
  const outputs = owner.use(async (engine) => {
    inUse.set();
    await goOn.reached;
    return engine.predict(batch);
  });
  await inUse.reached;
  const order: string[] = [];
  const disposing = owner.dispose().then(() => order.push("disposed"));
  await expect(owner.use((engine) => engine.predict(batch))).rejects.toThrow(/the run was disposed of/);
  goOn.set();
  await outputs.then(() => order.push("predicted"));
  await disposing;
  expect(order).toEqual(["predicted", "disposed"]);
  expect(opened).toEqual(["opened"]);
});

it("an engine that cannot be opened is tried again at the next use", async () => {
  let tries = 0;
  const owner = laterRunEngine(async () => {
    tries++;
    if (tries === 1) throw new Error("too many open files");
    return createEngine(toySpec, { threads: 1 });
  }, 1);
  await expect(owner.use(async (engine) => engine.name)).rejects.toThrow("too many open files");
  expect(await owner.use(async (engine) => engine.name)).toBe("compiled");
  await owner.dispose();
});

/** A moment that others wait for. */
function signalled(): { readonly reached: Promise<void>; readonly set: () => void } {
  let set = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    set = resolve;
  });
  return { reached, set: () => set() };
}

async function predicted(run: Run): Promise<number[]> {
  const rows = await (await run.predict(data.sample(20))).head(20);
  return rows.map((row) => (row as Record<string, number>)["logits_ctr"]!);
}

describe("a number of threads that makes no sense is refused by", () => {
  const refused = /threads: not a valid number of threads\n {2}received: 100000/;
  it.each<[string, () => Promise<unknown>]>([
    ["fit, before data are read", () => model.fit("missing.parquet", { threads: 1e5 })],
    ["estimate", () => model.estimate(null, { threads: 1e5, rows: 10 })],
    ["loadRun", () => loadRun("missing", { threads: 1e5 })],
    ["loadModel", () => loadModel("missing", { threads: 1e5 })],
    ["ablate", () => model.ablate("missing.parquet", { variants: { "ppnet.hidden": [[4]] }, threads: 1e5 })],
  ])("%s", async (_, call) => {
    await expect(call()).rejects.toThrow(refused);
  });
});

it("a model in service that was disposed of says so", async () => {
  const run = await fit();
  await run.export(path.join(folder, "gone"));
  await run.dispose();
  const served = await loadModel(path.join(folder, "gone"));
  await served.dispose();
  await served.dispose();
  await expect(served.predict(data.sample(5))).rejects.toThrow(/the model was disposed of/);
});
