/** What carries predictions, and which field the domain acts through, on generated rows where that is known. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { type AnyModel, din, idFeature, loadRun, pepnet, type Run, sequenceFeature } from "../../../src/index.js";
import { trainedImportance } from "./null-importance.js";
import { model, rows, train, truth } from "./planted.js";

const runs: Run[] = [];
afterAll(() => Promise.all(runs.map((run) => run.dispose())));

describe("what carries predictions", () => {
  it("is in a trained model what was planted; fields of one thing are one group, and a proxy is none", async () => {
    const { run } = await trainedImportance(1);
    runs.push(run);
    const found = await run.importance(null, { user: "user" });
    expect(found.named("t")).toEqual(["item + 2", "mood", "user + 1"]);
    const group = (name: string) => found.groups.find((each) => each.name === name);
    expect(group("item + 2")).toMatchObject({ fields: ["item", "cate", "price"], held: [], carries: ["t"] });
    expect(group("user + 1")?.fields).toEqual(["user", "age"]);
    expect(group("proxy")).toMatchObject({ held: ["mood"], carries: [] });
    const { auc, logLoss } = group("mood")!.tasks[0]!.overall;
    expect(auc.high!).toBeLessThan(0);
    expect(logLoss.low!).toBeGreaterThan(0);
    expect(found).toMatchObject({ permutations: 5, rowCount: 6000, user: "user", others: ["scene"] });
    expect(found.gaps).toEqual([expect.stringContaining('"scene": one value in each domain')]);
    expect(await run.importance(null, { user: "user" })).toEqual(found);
    expect([...found.carriers()].sort()).toEqual(["age", "cate", "item", "mood", "price", "scene", "user"]);
  });

  it("is the same of a loaded run, and of one that TorchEasyRec's files make", async () => {
    const [run] = runs as [Run];
    const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-importance-"));
    try {
      await run.save(path.join(folder, "run"));
      await writeFile(path.join(folder, "pipeline.config"), (run.model as AnyModel).toConfig());
      const weights = path.join(folder, "run", "weights.safetensors");
      const others = [
        await loadRun(path.join(folder, "run")),
        await pepnet.fromTorchEasyRec({ config: path.join(folder, "pipeline.config"), weights }),
      ];
      runs.push(...(others as Run[]));
      const options = { rows: 1000, groups: [["mood"]] };
      const found = await run.importance(null, options);
      for (const other of others) {
        const same = await other.importance(run.validation, options);
        expect(same.groups[0]!.tasks[0]!.overall).toEqual(found.groups[0]!.tasks[0]!.overall);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("moves a sequence as a whole, with the lengths of all its features", async () => {
    const source = random(5);
    const visits = Array.from({ length: 1200 }, () => {
      const clicks = Array.from({ length: source.integer(4) }, () => source.integer(9));
      const item = source.integer(9);
      return {
        item,
        shop: source.integer(5),
        clicks__item: clicks.join(";"),
        clicks__shop: clicks.map((id) => id % 5).join(";"),
        y: source.uniform() < (clicks.includes(item) ? 0.8 : 0.2) ? 1 : 0,
      };
    });
    const [item, shop] = [idFeature("item").buckets(9).embedding(4), idFeature("shop").buckets(5).embedding(4)];
    const history = pepnet()
      .features(item, shop, sequenceFeature("clicks", { of: [item, shop], length: 4 }))
      .labels("y")
      .group("all", ["item", "shop"], { sequences: [din("clicks", { query: ["item", "shop"], hidden: [8] })] })
      .tower("t", (t) => t.label("y").mlp(8).bce());
    const run = await history.fit(visits, { epochs: 1, quiet: true });
    runs.push(run as Run);
    const names = (await run.importance(visits)).groups.map(({ fields }) => [...fields].sort());
    expect(names).toContainEqual(["clicks__item", "clicks__shop"]);
    expect(names).toContainEqual(["shop"]);
  });

  it("is said with its limits where it is not told", async () => {
    const [run] = runs as [Run];
    const groups = [["noise"], ["cate", "item"]];
    const found = await run.importance(null, { rows: 600, groups, matters: 0.0005, permutations: 2 });
    expect(found.groups.map(({ name, fields }) => [name, fields])).toEqual([
      ["item + 1", ["item", "cate"]],
      ["noise", ["noise"]],
    ]);
    const says = found
      .rows()
      .filter(({ group }) => group === "noise")
      .map((row) => String(row["says"]));
    expect(says[0]).toMatch(/^cannot be told with these rows: about [\d,]+ would be needed/);
    expect((await found.chart()).title).toContain("item + 1");
    expect((await found.toDanfo()).shape[0]).toBe(8);
  });

  it("of fields that the model does not have is refused, as are other questions", async () => {
    const [run] = runs as [Run];
    await expect(run.importance(null, { groups: [["moood"]] })).rejects.toThrow(/unknown feature "moood".*"mood"/s);
    await expect(run.importance(null, { permutations: 0 })).rejects.toThrow(/permutations/);
    await expect(run.importance(null, { of: "gates" as "domain" })).rejects.toThrow(/"predictions" or "domain"/);
  });

  it("stops after the current batch when it is aborted", async () => {
    const [run] = runs as [Run];
    const abort = new AbortController();
    const pending = run.importance(null, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 20);
    await expect(pending).rejects.toThrow("enough");
  });

  it("is not defined in a domain of one class, and said so", async () => {
    const oneClass = rows(1500, 7, false);
    oneClass.clk = oneClass.clk.map((label, row) => (oneClass.scene[row] === 1 ? 0 : label));
    const run = await train(1, false, { epochs: 1, validation: oneClass });
    runs.push(run);
    const found = await run.importance();
    expect(found.gaps[0]).toMatch(/^ctr in <b>live<\/b>: no AUC, 0 of \d+ rows are positive$/);
    const [ctr] = found.groups[0]!.tasks;
    expect(ctr!.domains[1]!.auc).toMatchObject({ value: null, low: null, high: null });
    expect(ctr!.domains[1]!.logLoss.value).not.toBeNull();
    expect(found.named("ctr")).toContain("item");
  });
});

describe("what the domain acts through", () => {
  it("is the field that a planted effect of the domain is in, and none where there is no effect", async () => {
    for (const { high, named } of await truth([1, 2], true)) {
      expect(high).toBeLessThan(0);
      expect(named).toEqual(["item"]);
    }
    for (const { low, high, named } of await truth([1, 2], false)) {
      expect(low).toBeLessThanOrEqual(0);
      expect(high).toBeGreaterThanOrEqual(0);
      expect(named).toEqual([]);
    }
  });

  it("cannot be told of a field whose values are those of one domain only", async () => {
    const nested = (count: number, seed: number) => {
      const own = rows(count, seed, true);
      return { ...own, mood: own.mood.map((mood, row) => 2 * Math.floor(mood / 2) + own.scene[row]!) };
    };
    const data = nested(6000, 1);
    data.clk = data.mood.map((mood, row) => Number(mood % 4 < 2) ^ (row % 5 === 0 ? 1 : 0));
    const run = await train(1, true, { validation: data, epochs: 1 });
    runs.push(run);
    const found = await run.importance(null, { of: "domain" });
    expect(found.groups.find(({ name }) => name === "mood")).toMatchObject({ nested: "mood", carries: [] });
    expect(found.named("ctr")).toEqual([]);
  });

  it("needs domains, and says so where the model lacks them", async () => {
    const bare = pepnet()
      .features(idFeature("item").buckets(20).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const run = await bare.fit(rows(600, 1, false), { steps: 3, quiet: true });
    runs.push(run as Run);
    await expect(run.importance(null, { of: "domain" })).rejects.toThrow(/no domains/);
    const [item] = (await run.importance()).groups;
    expect(item!.tasks[0]!.domains).toEqual([]);
  });
});

it("a model can be trained without the fields that carry nothing, and compared", async () => {
  const run = await train(1, false, { epochs: 1 });
  runs.push(run);
  const without = (run.model as AnyModel).keep(["item", "scene"]);
  const other = await train(1, false, { epochs: 1 }, without);
  runs.push(other);
  expect(without.spec.features.map(({ name }) => name)).toEqual(["item", "scene"]);
  expect((await run.compare(null, { with: other })).difference("ctr")).not.toBeNull();
  expect(model.keep(["scene", "item", "mood"]).spec).toEqual(model.spec);
});
