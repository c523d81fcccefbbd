/** Models with behaviour sequences, exported for TorchEasyRec and read back. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import type { Run } from "../../../src/api/run/run.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { sequenceFeature } from "../../../src/core/builder/sequence-feature.js";
import { pooling } from "../../../src/core/builder/sequences.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { hasShared, sharedPath } from "../../shared.js";
import { everySequence, rowsWithSequences } from "../serve/sequence-models.js";
import { parquetTypes } from "./columns.js";
import { dinBy, predictedBy } from "./reference.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-sequence-export-"));
});
afterAll(() => rm(folder, { recursive: true }));
const at = (...parts: string[]): string => path.join(folder, ...parts);

/** Rows whose positions all have a value, since the features have no defaults. */
const rows = rowsWithSequences(300, 4);

describe("a model with every sequence encoder", () => {
  const model = everySequence.train({ shuffle: false });
  let notes: readonly string[];
  beforeAll(async () => {
    const written = await model.exportTorchEasyRec(rows, { folder: at("every"), validation: rowsWithSequences(60, 5) });
    notes = written.notes;
  });

  it("has its sequences as lists, and as lists of lists where a position holds several values", async () => {
    const types = await parquetTypes(at("every", "train.parquet"));
    expect(Object.fromEntries(Object.entries(types).filter(([name]) => /^clicks|buys/.test(name)))).toEqual({
      clicks__item: "BIGINT[]",
      clicks__brand: "BIGINT[]",
      clicks__tags: "BIGINT[][]",
      clicks__price: "FLOAT[]",
      clicks__place: "FLOAT[][]",
      clicks__age: "BIGINT[]",
      buys: "BIGINT[]",
    });
    const written = await (await dataset(at("every", "train.parquet"))).head(300);
    const lists = (name: string) => written.map((row) => row[name] as unknown[]);
    const clicks = rows.map((row) => (row["clicks__item"] as number[]).slice(0, 6));
    // 30 and above are out of range: row 0.
    expect(lists("clicks__item").map((ids) => ids.map(Number))).toEqual(
      clicks.map((ids) => ids.map((id) => (id < 30 ? id : 0))),
    );
    const tags = lists("clicks__tags").map((positions) => positions.map((inner) => (inner as unknown[]).length));
    expect(tags).toEqual(
      rows.map((row) => (row["clicks__tags"] as string[][]).slice(0, 6).map((position) => position.length)),
    );
  });

  it("has the model's groups and encoders, features of rows, and no default that would fill empty sequences", async () => {
    const text = await readFile(at("every", "pipeline.config"), "utf8");
    const [exported, original] = [openConfig(text), openConfig(model.toConfig())].map(
      ({ message }) => message as unknown as Config,
    ) as [Config, Config];
    expect(exported.model_config.feature_groups).toEqual(original.model_config.feature_groups);
    const clicks = exported.feature_configs.find((each) => "sequence_feature" in each)!["sequence_feature"] as Message;
    expect(clicks).toMatchObject({ sequence_name: "clicks", sequence_length: 6 });
    const features = clicks["features"] as Message[];
    expect(features[0]).toMatchObject({
      id_feature: { feature_name: "item", expression: "item:item", num_buckets: 30, embedding_name: "item" },
    });
    expect(features[2]).toMatchObject({ id_feature: { feature_name: "tags", value_dim: 0, pooling: "mean" } });
    expect(features[4]).toMatchObject({ raw_feature: { feature_name: "place", value_dim: 2 } });
    expect(features[5]).toMatchObject({ id_feature: { feature_name: "age", num_buckets: 4 } });
    expect(JSON.stringify(clicks)).not.toMatch(/default/);
    expect(exported.feature_configs.at(-1)).toMatchObject({
      sequence_id_feature: { feature_name: "buys", num_buckets: 40, sequence_length: 4, sequence_delim: "/" },
    });
  });

  it("trains from the folder to the weights of a fit of the model", async () => {
    const here = await model.fit(rows, { steps: 3, validation: null, quiet: true });
    const opened = pepnet.fromConfig(await readFile(at("every", "pipeline.config"), "utf8"));
    const there = await opened.fit(await dataset(at("every", "train.parquet")), {
      steps: 3,
      validation: null,
      quiet: true,
    });
    expect(await there.weights()).toEqual(await here.weights());
    await Promise.all([here.dispose(), there.dispose()]);
  });

  it("is noted to need equal lengths for self-attention there", () => {
    expect(notes.join("\n")).toMatch(/self-attention: TorchEasyRec's gradients become NaN/);
  });
});

it("a position without an id is refused with its row and column", async () => {
  const model = pepnet()
    .features(idFeature("user").buckets(9).embedding(4))
    .features(sequenceFeature("clicks", { of: [idFeature("item").hash(9).embedding(4)], length: 5 }))
    .labels("clk")
    .group("all", ["user"], { sequences: [pooling("clicks")] })
    .tower("ctr", (t) => t.label("clk").bce());
  const data = [
    { user: 1, clicks__item: ["a", "b"], clk: 0 },
    { user: 1, clicks__item: ["a", null], clk: 1 },
  ];
  const refused = model.exportTorchEasyRec(data, { folder: at("missing"), validation: null, shuffle: false });
  await expect(refused).rejects.toThrow(/row 1 \(from 0\), column "clicks__item"[\s\S]*has no id[\s\S]*\.default/);
});

describe.skipIf(!hasShared)("golden/whole-run-din", () => {
  const golden = (name: string) => sharedPath("golden", "whole-run-din", name);
  let run: Run;
  beforeAll(async () => {
    run = await pepnet.fromTorchEasyRec(sharedPath("golden", "whole-run-din"));
  });
  afterAll(() => run.dispose());

  it("is exported with the columns, features and groups that it was trained from", async () => {
    const text = await readFile(golden("pipeline.config"), "utf8");
    const data = (await dataset(golden("train.parquet"))).sample(600);
    const options = { folder: at("din"), validation: null, shuffle: false };
    await pepnet.fromConfig(text).exportTorchEasyRec(data, options);
    const [exported, original] = [await readFile(at("din", "pipeline.config"), "utf8"), text].map(
      (each) => openConfig(each).message as unknown as Config,
    ) as [Config, Config];
    expect(exported.model_config).toEqual(original.model_config);
    expect(exported.feature_configs.map(withoutDefaults)).toEqual(original.feature_configs.map(withoutDefaults));
    const types = await parquetTypes(golden("train.parquet"));
    expect(await parquetTypes(at("din", "train.parquet"))).toEqual({ ...types, clk: "BIGINT", buy: "BIGINT" });
    const expected = await data.head(600);
    const written = await dataset(at("din", "train.parquet"));
    expect(await written.head(600)).toEqual(expected.map((row) => expect.objectContaining(pick(row, types))));
    const before = await run.predict(data);
    const back = await pepnet.fromTorchEasyRec({
      config: at("din", "pipeline.config"),
      weights: golden("final.safetensors"),
    });
    expect(await (await back.predict(written)).toColumns()).toEqual(await before.toColumns());
    await back.dispose();
  });

  it("predicts what loops over its weights give, to 1e-5, in every domain", async () => {
    const raw = await (await dataset(golden("eval.parquet"))).head(60);
    const weights = await readSafetensors(golden("final.safetensors"));
    const groups = Object.fromEntries(run.spec.groups.map(({ name, features }) => [name, features])) as never;
    const predicted = await (await run.predict(raw)).head(60);
    const embedding = "model.embedding_group";
    const embedded = (table: string, id: number) => {
      const { data, shape } = weights.get(`${embedding}.seq_emb_impls.__BASE__.ec_dict.${table}.weight`)!;
      const dim = shape[1] as number;
      return [...data.subarray(id * dim, (id + 1) * dim)];
    };
    const vector = (item: unknown, cate: unknown, price: unknown) => [
      ...embedded("8.embeddings.item_id_emb", Number(item)),
      ...embedded("4.embeddings.cate_id_emb", Number(cate)),
      Number(price),
    ];
    const lengths = new Set<boolean>();
    for (const [index, row] of raw.entries()) {
      const [items, cates, prices] = ["item_id", "cate_id", "price"].map((name) => row[`click__${name}`] as unknown[]);
      const positions = items!.slice(0, 15).map((item, at) => vector(item, cates![at], prices![at]));
      lengths.add(positions.length > 0);
      const prefix = `${embedding}._group_name_to_seq_encoders.all.0`;
      const query = vector(row["item_id"], row["cate_id"], row["price"]);
      const encoded = dinBy(weights, prefix, query, positions);
      const sizes = { layers: 2, tasks: 2, domains: 2, domain: Number(row["scene"]), encoded };
      const [ctr, cvr] = predictedBy(weights, row, groups, sizes) as [number, number];
      expect(Math.abs((predicted[index]?.["probs_ctr"] as number) - ctr)).toBeLessThan(1e-5);
      expect(Math.abs((predicted[index]?.["probs_cvr"] as number) - cvr)).toBeLessThan(1e-5);
    }
    expect(lengths.size).toBe(2);
  });

  it("evaluates here as it did there", async () => {
    const expected = JSON.parse(await readFile(golden("eval.json"), "utf8")) as Record<string, number>;
    const { tasks } = await run.evaluate();
    const auc = (tower: string) => tasks.find((task) => task.tower === tower)?.allRows.configured["auc"] as number;
    expect(Math.abs(auc("ctr") - expected["auc_ctr"]!)).toBeLessThan(1e-4);
    expect(Math.abs(auc("cvr") - expected["auc_cvr"]!)).toBeLessThan(1e-4);
  });
});

type Message = Readonly<Record<string, unknown>>;

interface Config {
  readonly model_config: { readonly feature_groups: unknown };
  readonly feature_configs: readonly Message[];
}

/** Defaults fill nulls; the exported rows have none to fill. */
function withoutDefaults(feature: Message): unknown {
  return JSON.parse(JSON.stringify(feature), (name, value) =>
    name === "fg_encoded_default_value" ? undefined : value,
  );
}

function pick(row: Readonly<Record<string, unknown>>, names: object): Record<string, unknown> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, row[name]]));
}
