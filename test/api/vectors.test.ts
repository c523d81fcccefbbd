/** Embeddings of an id feature start from vectors by id. */
import { describe, expect, test } from "vitest";
import { dataset, type Feature, idFeature, pepnet, rawFeature, sgd } from "../../src/index.js";

const rows = { item: ["a", "b", "c", "a"], price: [1, 2, 3, 4], clk: [1, 0, 1, 0] };
const modelWith = (...features: Feature<string>[]) =>
  pepnet()
    .features(...features)
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").bce())
    .train({ sparse: sgd(1e-9) });
const items = [
  { id: "a", vector: [1, 2] },
  { id: "c", vector: [3, 4] },
  { id: "zzz", vector: [9, 9] },
];
const options = { validation: null, epochs: 1, quiet: true, engine: "cpu" } as const;

const tableAfter = async (feature: Feature<string>, vectors: object) => {
  const run = await modelWith(feature).fit(await dataset(rows), { ...options, vectors: vectors as never });
  const weights = await run.weights();
  const name = [...weights.keys()].find((key) => key.endsWith(".item_emb.weight"))!;
  return { table: [...weights.get(name)!.data], notes: run.notes };
};

describe("vectors by id", () => {
  test("fill the rows of their ids; others keep random values, and a note counts them", async () => {
    const vectors = { item: { from: items, id: "id", vector: "vector" } };
    const { table, notes } = await tableAfter(idFeature("item").vocab().embedding(2), vectors);
    // Rows: default, unknown, a (the most frequent), b, c.
    const near = (row: number) => table.slice(2 * row, 2 * row + 2).map((value) => Number(value.toFixed(4)));
    expect([near(2), near(4)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(near(1)).not.toEqual([9, 9]);
    expect(notes).toContain(
      'feature "item": 2 of 5 rows start from vectors; 1 vectors are of ids that the feature lacks',
    );
  });

  test("stay as they are in a table that is not trainable, which a config says too", async () => {
    const feature = idFeature("item").vocab(["a", "c"]).embedding(2, { trainable: false });
    const frozen = modelWith(feature).train({ sparse: sgd(1), epochs: 3 });
    const vectors = { item: { from: items.slice(0, 2), id: "id", vector: "vector" } };
    const run = await frozen.fit(rows, { ...options, epochs: undefined as never, vectors: vectors as never });
    const [table] = [...(await run.weights())].filter(([name]) => name.endsWith(".item_emb.weight"));
    expect([...table![1].data].slice(-4)).toEqual([1, 2, 3, 4]);
    expect(frozen.toConfig()).toContain("trainable: false");
    expect(() => idFeature("item").embedding(2, { trainable: 0 as never })).toThrow(/trainable: false/);
  });

  test("of ids that share a hashed row are averaged", async () => {
    const vectors = { item: { from: items.slice(0, 2), id: "id", vector: "vector" } };
    const { table } = await tableAfter(idFeature("item").hash(1).embedding(2), vectors);
    expect(table.map((value) => Number(value.toFixed(4)))).toEqual([2, 3]);
  });
});

describe("are refused", () => {
  const feature = idFeature("item").vocab().embedding(2);
  const failed = (vectors: object, more: object = {}) =>
    modelWith(feature, rawFeature("price"))
      .fit(rows, { ...options, ...more, vectors: vectors as never })
      .then(
        () => "accepted",
        (error: Error) => error.message,
      );

  test("with another length, not in lists, or without a known id", async () => {
    const short = [{ id: "a", vector: [1] }];
    expect(await failed({ item: { from: short, id: "id", vector: "vector" } })).toContain("fix: .embedding(1)");
    const text = [{ id: "a", vector: "1 2" }];
    expect(await failed({ item: { from: text, id: "id", vector: "vector" } })).toContain("store vectors as lists");
    expect(await failed({ item: { from: items.slice(2), id: "id", vector: "vector" } })).toContain(
      'no id of feature "item" has a vector',
    );
    expect(await failed({ item: { from: items, id: "idd", vector: "vector" } })).toContain("no such column");
  });

  test("for a feature that does not exist or has no ids, and beside weights", async () => {
    const vectors = { from: items, id: "id", vector: "vector" };
    expect(await failed({ itme: vectors })).toContain('did you mean "item"?');
    expect(await failed({ price: vectors })).toContain("without an embedding of ids");
    expect(await failed({ item: vectors }, { weights: "runs/first" })).toContain("either weights or vectors");
  });
});
