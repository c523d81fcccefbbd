/** `fit(data, { weights, newDomains })`: the towers and embedding rows of new domains start from those of others. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyModel, dataset, idFeature, loadRun, pepnet, type Run, sgd } from "../../src/index.js";

const names = ["feed", "search", "live"] as const;

/** Rows of some domains, with the domain as a number and as text. */
function rowsOf(domains: readonly number[], rows = 60) {
  const of = Array.from({ length: rows }, (_, row) => domains[row % domains.length]!);
  return dataset({
    item: Int32Array.from(of, (_, row) => row % 7),
    scene: Int32Array.from(of),
    page: of.map((domain) => names[domain]!),
    clk: Int32Array.from(of, (domain, row) => Number((row + domain) % 3 === 0)),
    buy: Int32Array.from(of, (domain, row) => Number((row * domain) % 5 === 0)),
  });
}

function modelOf(domains: number | readonly string[], column = "scene"): AnyModel {
  const count = typeof domains === "number" ? domains : domains.length;
  const table =
    column === "scene" ? idFeature("scene").buckets(count) : idFeature("page").vocab(domains as readonly string[]);
  return pepnet()
    .features(idFeature("item").buckets(7).embedding(4), table.embedding(4))
    .labels("clk", "buy")
    .group("all", ["item", column as "item"])
    .group("domain", [column as "item"])
    .epnet()
    .domains(column as never, domains as never)
    .tower("ctr", (t) => t.label("clk").mlp(4).bce())
    .tower("cvr", (t) => t.label("buy").mlp(4).bce())
    .train({ batchSize: 16, steps: 3 }) as unknown as AnyModel;
}

const options = { validation: null, quiet: true, engine: "cpu", floor: false } as const;
/** Trains nothing, so that weights are those that it started from. */
const still = (model: AnyModel): AnyModel => model.train({ dense: sgd(0), sparse: sgd(0), steps: 1 });
const table = (column: string): string =>
  `model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.${column}_emb.weight`;

let folder: string;
let two: Run;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-new-domains-"));
  two = await modelOf(["feed", "search"]).fit(await rowsOf([0, 1]), {
    ...options,
    checkpoints: path.join(folder, "two"),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

type Weights = Awaited<ReturnType<Run["weights"]>>;
const tower = (weights: Weights, at: number): number[][] => {
  const parts = [...weights].filter(([name]) => name.startsWith(`model._task_tower.${at}.`));
  expect(parts.length).toBeGreaterThan(0);
  return parts.map(([, { data }]) => [...data]);
};
const row = (weights: Weights, of: number, column = "scene"): number[] => {
  const { data } = weights.get(table(column))!;
  return [...data.slice(of * 4, of * 4 + 4)];
};

describe("a third domain", () => {
  const check = async (run: Run, from: number): Promise<void> => {
    const [grown, source] = [await run.weights(), await two.weights()];
    for (const task of [0, 1]) {
      expect(tower(grown, task * 3)).toEqual(tower(source, task * 2));
      expect(tower(grown, task * 3 + 1)).toEqual(tower(source, task * 2 + 1));
      expect(tower(grown, task * 3 + 2)).toEqual(tower(source, task * 2 + from));
    }
    expect(row(grown, 0)).toEqual(row(source, 0));
    expect(row(grown, 1)).toEqual(row(source, 1));
    expect(row(grown, 2)).toEqual(row(source, from));
    expect(grown.get(table("item"))).toEqual(source.get(table("item")));
    expect(grown.get("model.epnet.gate_nu.dense_layers.0.weight")).toEqual(
      source.get("model.epnet.gate_nu.dense_layers.0.weight"),
    );
  };

  it("starts from another one's towers and row, from a folder and from weights in memory", async () => {
    const model = still(modelOf(names));
    const data = await rowsOf([0, 1, 2]);
    for (const weights of [path.join(folder, "two"), await two.weights()]) {
      const run = await model.fit(data, { ...options, weights, newDomains: { live: "search" } });
      await check(run, 1);
      expect(run.notes.join("\n")).toContain("live starts from search: its towers (ctr, cvr) and its row of scene");
      expect(run.record?.start?.newDomains).toEqual(["live from search"]);
    }
    await check(await model.fit(data, { ...options, weights: await two.weights(), newDomains: { live: "feed" } }), 0);
  });

  it("is named by its number too, also where domains have no names", async () => {
    const numbered = await modelOf(2).fit(await rowsOf([0, 1]), options);
    const run = await still(modelOf(3)).fit(await rowsOf([2]), {
      ...options,
      weights: await numbered.weights(),
      newDomains: { 2: 0 },
    });
    const [grown, source] = [await run.weights(), await numbered.weights()];
    expect(tower(grown, 2)).toEqual(tower(source, 0));
    expect(row(grown, 2)).toEqual(row(source, 0));
    expect(tower(grown, 3)).toEqual(tower(source, 2));
  });

  it("may be anywhere in the list, since folders know the names", async () => {
    const run = await still(modelOf(["live", "search", "feed"])).fit(await rowsOf([0, 1, 2]), {
      ...options,
      weights: path.join(folder, "two"),
      newDomains: { live: "feed" },
    });
    const [grown, source] = [await run.weights(), await two.weights()];
    expect([0, 1, 2].map((at) => tower(grown, at))).toEqual([0, 1, 0].map((at) => tower(source, at)));
  });

  it("starts from the mean of several", async () => {
    const weights = await two.weights();
    const run = await still(modelOf(names)).fit(await rowsOf([0, 1, 2]), {
      ...options,
      weights,
      newDomains: { live: ["feed", "search"] },
    });
    const grown = await run.weights();
    const bias = (at: number): number => weights.get(`model._task_tower.${at}.linear.bias`)!.data[0]!;
    expect(grown.get("model._task_tower.2.linear.bias")!.data[0]).toBeCloseTo((bias(0) + bias(1)) / 2, 7);
    expect(row(grown, 2)[1]).toBeCloseTo((row(weights, 0)[1]! + row(weights, 1)[1]!) / 2, 7);
    expect(run.record?.start?.newDomains).toEqual(["live from the mean of feed, search"]);
  });

  it("null keeps initial values", async () => {
    const model = still(modelOf(names));
    const data = await rowsOf([0, 1, 2]);
    const fresh = await model.fit(data, options);
    const run = await model.fit(data, { ...options, weights: await two.weights(), newDomains: { live: null } });
    const [grown, initial, source] = [await run.weights(), await fresh.weights(), await two.weights()];
    expect(tower(grown, 2)).toEqual(tower(initial, 2));
    expect(row(grown, 2)).toEqual(row(initial, 2));
    expect(tower(grown, 1)).toEqual(tower(source, 1));
  });

  it("of text finds its rows in the vocabulary", async () => {
    const texts = await modelOf(["feed", "search"], "page").fit(await rowsOf([0, 1]), {
      ...options,
      checkpoints: path.join(folder, "texts"),
    });
    const run = await still(modelOf(names, "page")).fit(await rowsOf([2]), {
      ...options,
      weights: path.join(folder, "texts"),
      newDomains: { live: "search" },
    });
    const [grown, source] = [await run.weights(), await texts.weights()];
    // The first two rows are those of the default value and of unknown words.
    expect([2, 3, 4].map((at) => row(grown, at, "page"))).toEqual([2, 3, 3].map((at) => row(source, at, "page")));
  });
});

it("a model that was trained without the domain's rows starts it from another", async () => {
  const model = modelOf(names);
  const base = await model.fit(await rowsOf([0, 1]), options);
  const run = await still(model).fit(await rowsOf([2]), {
    ...options,
    weights: await base.weights(),
    newDomains: { live: "feed" },
    checkpoints: path.join(folder, "grown"),
  });
  const [grown, source] = [await run.weights(), await base.weights()];
  expect([0, 1, 2, 3, 4, 5].map((at) => tower(grown, at))).toEqual([0, 1, 0, 3, 4, 3].map((at) => tower(source, at)));
  expect(row(grown, 2)).toEqual(row(source, 0));
  const loaded = await loadRun(path.join(folder, "grown"));
  expect(loaded.record?.start?.newDomains).toEqual(["live from feed"]);
  const { notes } = await loaded.model.exportTorchEasyRec(await rowsOf([2]), {
    folder: path.join(folder, "exported"),
    validation: null,
  });
  expect(notes.join("\n")).toContain("started from weights (weights in memory, with live from feed)");
});

describe("bad names", () => {
  const errorOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "no error",
      (thrown: Error) => thrown.message.replace(folder, "FOLDER"),
    );
  const fit = async (model: AnyModel, more: object): Promise<string> =>
    errorOf(model.fit(await rowsOf([0, 1, 2]), { ...options, weights: await two.weights(), ...more }));

  it("are errors that list those that exist", async () => {
    const model = modelOf(names);
    expect(await fit(model, { newDomains: { liv: "feed" } })).toMatchInlineSnapshot(`
      "fit: newDomains.liv: unknown domain "liv"
        received: "liv"
        expected: one of "feed", "search", "live"
        fix: did you mean "live"?"
    `);
    expect(await fit(model, { newDomains: { live: "fede" } })).toMatchInlineSnapshot(`
      "fit: newDomains.live: unknown domain "fede"
        received: "fede"
        expected: one of "feed", "search", "live"
        fix: did you mean "feed"?"
    `);
    expect(await fit(model, { newDomains: { live: "search", search: "feed" } })).toMatchInlineSnapshot(`
      "fit: newDomains.live: search is new too, so the weights have no tower of it
        received: search
        expected: null, or one of "feed""
    `);
    expect(await fit(model, { weights: undefined, newDomains: { live: "feed" } })).toMatchInlineSnapshot(`
      "fit: newDomains: there are no weights to start from
        expected: weights beside it
        fix: fit(data, { weights: "weights.safetensors", newDomains })"
    `);
    expect(
      await fit(model, { weights: path.join(folder, "two"), newDomains: { feed: "live" } }),
    ).toMatchInlineSnapshot(`
      "FOLDER/two: domain live: the weights have no such domain
        expected: one of "feed", "search", or a start in newDomains
        fix: newDomains: { "live": "feed" }"
    `);
    const more = modelOf([...names, "shop"]);
    expect(await fit(more, { newDomains: { live: "feed" } })).toMatchInlineSnapshot(`
      "weights: the weights have another number of domains
        received: 4 towers for 2 tasks
        expected: towers of "feed", "search", "shop", with or without the new domains
        fix: name every domain that the weights lack in newDomains"
    `);
    expect(await fit(model, { newDomains: { live: "feed" }, optimizer: "somewhere" })).toMatchInlineSnapshot(`
      "fit: optimizer: the state of optimizers belongs to the domains of its own training
        expected: either newDomains or optimizer
        fix: leave optimizer out: the optimizers start anew"
    `);
  });

  it("are the compiler's too", () => {
    const typed = pepnet()
      .features(idFeature("scene").buckets(2).embedding(4))
      .labels("clk")
      .domains("scene", ["feed", "live"])
      .tower("ctr", (t) => t.label("clk").mlp(4).bce());
    const calls = [
      () => typed.fit("rows.parquet", { weights: "runs/first", newDomains: { live: "feed" } }),
      // @ts-expect-error no such domain
      () => typed.fit("rows.parquet", { weights: "runs/first", newDomains: { liv: "feed" } }),
      // @ts-expect-error no such domain
      () => typed.fit("rows.parquet", { weights: "runs/first", newDomains: { live: "fed" } }),
    ];
    expect(calls).toHaveLength(3);
  });
});
