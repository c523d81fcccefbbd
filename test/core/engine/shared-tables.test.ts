/** Which features share a table: by name, within groups and within their sequences, unless a group has a suffix. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import { dataset, loadModel, type Run, sgd } from "../../../src/index.js";

const folder = mkdtemp(path.join(os.tmpdir(), "pepnet-shared-tables-"));
afterAll(async () => rm(await folder, { recursive: true }));

const user = (name: string, more = "", dim = 4) =>
  `feature_configs { id_feature { feature_name: "${name}" expression: "user:uid" num_buckets: 20 embedding_dim: ${dim} ${more} } }`;
const sequence = (more = "") =>
  `feature_configs { sequence_feature { sequence_name: "hist" sequence_length: 3 sequence_delim: ";" features { id_feature { feature_name: "iid" expression: "item:iid" num_buckets: 9 embedding_dim: 4 ${more} } } } }`;
const config = (features: string, groups: string): string => `
train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} } dense_optimizer { adam_optimizer { lr: 0.01 } constant_learning_rate {} } num_epochs: 1 }
data_config { batch_size: 32 label_fields: "clk" shuffle: false fg_mode: FG_NORMAL }
${features}
feature_configs { id_feature { feature_name: "item" expression: "item:iid" num_buckets: 9 embedding_dim: 4 embedding_name: "item" } }
model_config { ${groups}
  pepnet { ppnet_hidden_units: [8] task_towers { tower_name: "ctr" label_name: "clk" mlp { hidden_units: 4 } losses { binary_cross_entropy {} } metrics { auc {} } } } }`;

const rows = Array.from({ length: 96 }, (_, i) => ({
  uid: (i * 7) % 20,
  iid: i % 9,
  hist__iid: `${i % 9};${(i + 4) % 9}`,
  clk: (i >> 2) % 2,
}));

const all = (more = "", names = `"user", "item"`) =>
  `feature_groups { group_name: "all" feature_names: [${names}] group_type: DEEP ${more} }`;
const uia = (more: string, name = "user") =>
  `feature_groups { group_name: "uia" feature_names: ["${name}"] group_type: DEEP ${more} }`;

const fitted = (text: string, engine: EngineName): Promise<Run> =>
  pepnet.fromConfig(text).fit(rows, { engine, threads: 1, validation: null, quiet: true });

describe.each([
  { field: 'embedding_name_suffix: "own"', table: "user_emb_own", dim: 4, init: "" },
  { field: "group_type: WIDE", table: "user_emb_wide", dim: 12, init: 'init_fn: "nn.init.constant_,val=0.25"' },
  { field: 'group_type: WIDE embedding_name_suffix: "own"', table: "user_emb_wide_own", dim: 12, init: "" },
])("$field", ({ field, table, dim, init }) => {
  const uiaOf = (more: string, name = "user") => uia(more, name).replace(/group_type: DEEP (?=group_type)/, "");
  const suffixed = config(user("user", init, dim), all() + uiaOf(field));
  const byHand = config(
    user("user", init, dim) + user("twin", `embedding_name: "${table}" ${init}`),
    all() + uiaOf("", "twin"),
  );

  it.each(["compiled", "wasm"] as const)(
    "gives the group tables of its own on %s, as a feature of another name does",
    async (engine) => {
      const [one, other] = [await fitted(suffixed, engine), await fitted(byHand, engine)];
      const [weights, expected] = [await one.weights(), await other.weights()];
      expect([...weights.keys()].sort()).toEqual([...expected.keys()].sort());
      const tables = ["user_emb", table].map(
        (name) => [...weights.keys()].find((key) => key.endsWith(`.${name}.weight`))!,
      );
      expect(tables.every((name) => name !== undefined)).toBe(true);
      expect(weights.get(tables[0]!)?.shape).toEqual([20, dim]);
      expect(weights.get(tables[1]!)?.shape).toEqual([20, 4]);
      expect(weights.get(tables[0]!)).not.toEqual(weights.get(tables[1]!));
      // The same start: initial tables follow another order.
      const [first, second] = [pepnet.fromConfig(suffixed), pepnet.fromConfig(byHand)];
      const options = { engine, threads: 1, validation: null, quiet: true, weights };
      const [a, b] = [await first.fit(rows, options), await second.fit(rows, options)];
      expect(await a.weights()).toEqual(await b.weights());
      expect(await (await a.predict(rows)).toColumns()).toEqual(await (await b.predict(rows)).toColumns());
      for (const run of [one, other, a, b]) await run.dispose();
    },
  );

  it("is served, kept by configs, and noted nowhere as missing", async () => {
    const run = await fitted(suffixed, "compiled");
    const out = path.join(await folder, "served");
    await run.export(out);
    const served = await loadModel(out);
    const [expected, found] = [await run.predict(rows), await served.predict(await dataset(rows))];
    const column = "probs_ctr";
    const [from, to] = [await expected.toColumns(), await found.toColumns()].map((each) => each[column] as number[]);
    expect(Math.max(...from!.map((value, row) => Math.abs(value - to![row]!)))).toBeLessThan(1e-6);
    for (const part of field.split(/ (?=embedding)/)) expect(run.model.toConfig()).toContain(part);
    expect(run.notes.join()).not.toMatch(/suffix|WIDE/);
    await run.dispose();
  });
});

describe("tables of groups", () => {
  test("of a WIDE group hold ids alone, as in TorchEasyRec", () => {
    const number = 'feature_configs { raw_feature { feature_name: "age" expression: "user:uid" } }';
    const wide = uia("").replace("DEEP", "WIDE").replace('"user"', '"user", "age"');
    expect(() => pepnet.fromConfig(config(user("user") + number, all() + wide))).toThrow(
      /feature_groups\[1\]\.feature_names\[1\][\s\S]*"age" has no table of ids, as a WIDE group needs/,
    );
  });

  test("of every group may be wide, whatever the embedding dims", async () => {
    const text = config(user("user", "", 7), (all() + uia("")).replaceAll("DEEP", "WIDE"));
    const run = await fitted(text, "compiled");
    const weights = await run.weights();
    expect([...weights.keys()].filter((name) => name.endsWith("user_emb.weight"))).toEqual([]);
    expect([...weights.values()].filter(({ shape }) => shape[0] === 20 && shape[1] === 4)).toHaveLength(1);
    await run.dispose();
  });

  test("start from vectors of their width, in each group", async () => {
    const text = config(user("user"), all() + uia('embedding_name_suffix: "own"'));
    const vectors = { user: { from: [{ id: 3, vector: [1, 2, 3, 4] }], id: "id", vector: "vector" } };
    const options = { vectors, steps: 1, validation: null, quiet: true, threads: 1 } as const;
    const start = pepnet.fromConfig(text).train({ sparse: sgd(0), dense: sgd(0) });
    const run = await start.fit(rows, options);
    for (const [name, { data }] of await run.weights())
      if (/user_emb/.test(name)) expect([...data.slice(12, 16)]).toEqual([1, 2, 3, 4]);
    await run.dispose();
    const wide = pepnet.fromConfig(config(user("user", "", 12), (all() + uia("")).replaceAll("DEEP", "WIDE")));
    await expect(wide.fit(rows, options)).rejects.toThrow(/vectors for a feature without an embedding of ids/);
  });

  test("two suffixes that lead to one table are refused", () => {
    const two = config(
      user("user") + user("twin", 'embedding_name: "user_emb_own"'),
      all("", `"user", "twin"`) + uia('embedding_name_suffix: "own"'),
    );
    expect(() => pepnet.fromConfig(two)).toThrow(
      /shares the table "user_emb_own" with "user", which has another embedding_name_suffix/,
    );
  });
});

describe("embedding_name", () => {
  const encoder = (features: string) =>
    `sequence_groups { group_name: "clicks" feature_names: [${features}] } sequence_encoders { simple_attention { input: "clicks" } }`;
  const withSequence = (more: string, features = '"item", "hist__iid"') =>
    config(user("user") + sequence(more), all(encoder(features)) + uia(""));

  it("of a group and of a frozen sequence is of two tables, of which TorchEasyRec trains both on a CPU", async () => {
    const text = withSequence('embedding_name: "item" trainable: false');
    const run = await fitted(text, "compiled");
    const tables = [...(await run.weights()).keys()].filter((name) => name.endsWith(".item.weight"));
    expect(tables).toHaveLength(2);
    const start = await (
      await pepnet.fromConfig(text).fit(rows, { steps: 1, validation: null, quiet: true, threads: 1 })
    ).weights();
    for (const name of tables) expect((await run.weights()).get(name)).not.toEqual(start.get(name));
    await run.dispose();
  });

  it.each([
    [
      "size",
      'embedding_name: "item"',
      /shares the table "item \(sequences\)" with "item", which has another size/,
      (text: string) =>
        text.replace('"iid" expression: "item:iid" num_buckets: 9', '"iid" expression: "item:iid" num_buckets: 10'),
    ],
    [
      "init_fn",
      'embedding_name: "item" init_fn: "nn.init.zeros_"',
      /which has another init_fn/,
      (text: string) => text,
    ],
  ] as const)("of a sequence and its query must agree in %s", (_, more, message, change) => {
    expect(() => pepnet.fromConfig(change(withSequence(more)))).toThrow(message);
    // Alone in the sequence, the table is not shared.
    expect(() =>
      pepnet.fromConfig(change(withSequence(more, '"hist__iid"').replace("simple_attention", "pooling_encoder"))),
    ).not.toThrow();
  });

  it("with TorchEasyRec's names under USE_RTP=1 is refused with the name to write", () => {
    const renamed = withSequence("").replace('"hist__iid"', '"hist_iid"');
    expect(() => pepnet.fromConfig(renamed)).toThrow(
      /unknown feature "hist_iid"[\s\S]*write "hist__iid"; only with USE_RTP=1/,
    );
    const other = withSequence("").replace('"hist__iid"', '"hist_id"');
    expect(() => pepnet.fromConfig(other)).toThrow(/unknown feature "hist_id"(?![\s\S]*USE_RTP)/);
  });

  it("of features in a group must agree in what is trained", () => {
    const two = config(
      user("user", 'embedding_name: "same"') + user("twin", 'embedding_name: "same" trainable: false'),
      all("", `"user", "twin"`) + uia(""),
    );
    expect(() => pepnet.fromConfig(two)).toThrow(/shares the table "same" with "user", which has another trainable/);
  });

  it("a model of sequences can be estimated without data", async () => {
    const model = pepnet.fromConfig(withSequence('embedding_name: "item" value_dim: 0'));
    const found = await model.estimate(null, { rows: 64, seconds: 0.05 });
    expect(found.steps).toBe(2);
    expect(found.sample.madeUp).toBe(true);
  });
});
