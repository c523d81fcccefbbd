/** Every known departure of TorchEasyRec is noted for the models that it affects, and for no others. */
import { describe, expect, it } from "vitest";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { trainingWarnings } from "../../../src/core/spec/validate/warnings.js";
import { type AnyModel, pepnet } from "../../../src/index.js";

const config = (first: string, second = "", train = "", data = ""): string => `
  data_config { batch_size: 2048 fg_mode: FG_NONE label_fields: "clk" ${data} }
  train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} }
    dense_optimizer { adam_optimizer { lr: 0.01 } constant_learning_rate {} } num_epochs: 1 ${train} }
  feature_configs { id_feature { feature_name: "a" num_buckets: 40 embedding_dim: 4 ${first} } }
  feature_configs { id_feature { feature_name: "b" num_buckets: 5 embedding_dim: 4 ${second} } }
  feature_configs { id_feature { feature_name: "unused" num_buckets: 5 embedding_dim: 4 weighted: true } }
  model_config { feature_groups { group_name: "all" feature_names: ["a", "b"] group_type: DEEP }
    pepnet { task_towers { tower_name: "t" label_name: "clk" losses { binary_cross_entropy {} } } } }`;
const dense = 'global_embedding_constraints { sharding_types: "data_parallel" compute_kernels: "dense" }';
const fused = 'global_embedding_constraints { sharding_types: "table_wise" compute_kernels: "fused" }';
const decaying = "rowwise_adagrad_optimizer { lr: 0.1 weight_decay: 0.1 weight_decay_mode: L2 }";
const mean = 'pooling: "mean"';

describe("a departure", () => {
  it.each([
    ["means beside weights", config(mean, "weighted: true", fused), ["features"], []],
    ["a weighted mean", config(`${mean} weighted: true`, "", fused), ["features"], []],
    ["means alone", config(mean, "", fused), [], []],
    ["means of single ids", config(`${mean} value_dim: 1`, "weighted: true", fused), [], []],
    ["sums beside weights", config("", "weighted: true", fused), [], []],
    ["a frozen table of the dense kernel", config("trainable: false", "", dense), ["features.a.trainable"], []],
    ["a frozen table of the planner", config("trainable: false"), ["features.a.trainable"], []],
    ["a frozen table of the fused kernel", config("trainable: false", "", fused), [], []],
    [
      "half precision",
      config("", "", `${fused} mixed_precision: "BF16"`),
      ["extra.train_config.mixed_precision"],
      ["extra.train_config.mixed_precision"],
    ],
    ["drop_remainder", config("", "", fused, "drop_remainder: true"), ["training.dropRemainder"], []],
    [
      "weight decay of row-wise Adagrad",
      config("", "", fused).replace("adagrad_optimizer { lr: 0.1 }", decaying),
      ["training.sparse.weightDecay"],
      [],
    ],
  ] as const)("%s", (_, text, noted, notedWithLike) => {
    const model = pepnet.fromConfig(text);
    expect(validateSpec(model.spec)).toEqual([]);
    expect(trainingWarnings(model.spec).map(({ path }) => path)).toEqual(noted);
    const like = model.train({ like: "torcheasyrec" });
    expect(trainingWarnings(like.spec).map(({ path }) => path)).toEqual(notedWithLike);
    // The option is kept by configs, as a comment that TorchEasyRec skips.
    expect(specFromConfig(like.toConfig())).toEqual(like.spec);
  });

  it("is a note of the run", async () => {
    const rows = Array.from({ length: 32 }, (_, row) => ({ a: row % 9, b: row % 5, unused: row % 5, clk: row % 2 }));
    const model = pepnet.fromConfig(config("", "", `${fused} mixed_precision: "BF16"`));
    const run = await model.fit(rows, { validation: null, quiet: true });
    expect(run.notes.join()).toMatch(/mixed_precision: every number here is a float32.*in BF16/);
    await run.dispose();
  });

  it("in weight decay is followed: tables train as without it", async () => {
    const rows = Array.from({ length: 64 }, (_, row) => ({ a: row % 9, b: row % 5, unused: 0, clk: row % 2 }));
    const text = config("", "", fused).replace("adagrad_optimizer { lr: 0.1 }", decaying);
    const table = async (model: AnyModel): Promise<Float32Array> => {
      const run = await model.train({ seed: 1 }).fit(rows, { validation: null, quiet: true });
      const weights = await run.weights();
      await run.dispose();
      return weights.get("model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.a_emb.weight")!.data;
    };
    const model = pepnet.fromConfig(text);
    const without = await table(pepnet.fromConfig(text.replace("weight_decay: 0.1", "weight_decay: 0")));
    expect(await table(model.train({ like: "torcheasyrec" }))).toEqual(without);
    expect(await table(model)).not.toEqual(without);
  });

  it.each([100, 96, 40])(
    "in rows that are evaluated is followed: of %i rows those of whole batches of 32",
    async (count) => {
      const rows = Array.from({ length: count }, (_, row) => ({ a: row % 9, b: row % 5, unused: 0, clk: row % 2 }));
      const model = pepnet
        .fromConfig(config("", "", fused, "drop_remainder: true"))
        .train({ batchSize: 32, evalBatchSize: 32, like: "torcheasyrec" });
      const run = await model.fit(rows, { validation: rows, quiet: true });
      const whole = count - (count % 32);
      const left = `the last ${count - whole} rows are in no whole batch of 32, and so not evaluated, as in TorchEasyRec`;
      expect(run.evaluation!.rowCount).toBe(whole);
      expect(run.validation!.rows).toBe(whole);
      expect(run.notes.includes(left)).toBe(whole < count);
      const evaluation = await run.evaluate(rows);
      expect(evaluation.rowCount).toBe(whole);
      expect(evaluation.notes.includes(left)).toBe(whole < count);
      expect(evaluation.auc("t")).toBe((await run.evaluate(rows.slice(0, whole))).auc("t"));
      await expect(run.evaluate(rows.slice(0, 31))).rejects.toThrow(
        /no whole batch[\s\S]*31 rows, batches of 32[\s\S]*evalBatchSize: 31/,
      );
      const here = await pepnet
        .fromConfig(config("", "", fused, "drop_remainder: true"))
        .train({ batchSize: 32 })
        .fit(rows, { validation: rows, quiet: true });
      expect(here.evaluation!.rowCount).toBe(count);
      await Promise.all([run.dispose(), here.dispose()]);
    },
  );

  it("in rows that are evaluated is followed by studies: all variants compare on the model's whole batches", async () => {
    const rows = Array.from({ length: 100 }, (_, row) => ({ a: row % 9, b: row % 5, unused: 0, clk: row % 2 }));
    const dropping = pepnet.fromConfig(config("", "", fused, "drop_remainder: true")).train({ batchSize: 32 });
    const options = { validation: rows, user: "b", seeds: 1, draws: 10, quiet: true, cache: false } as const;
    const variants = { "train.batchSize": [16, 40] };
    const studied = await dropping.train({ like: "torcheasyrec" }).ablate(rows, { ...options, variants });
    expect(studied.evaluationRows).toBe(96);
    expect(studied.user).toBe("b");
    const left = "the last 4 rows are in no whole batch of 32, and so not evaluated, as in TorchEasyRec";
    expect(studied.notes.filter((note) => note === left)).toHaveLength(1);
    expect((await dropping.ablate(rows, { ...options, variants })).evaluationRows).toBe(100);
    const few = dropping
      .train({ like: "torcheasyrec" })
      .ablate(rows, { ...options, validation: rows.slice(0, 31), variants });
    await expect(few).rejects.toThrow(/no whole batch[\s\S]*31 rows, batches of 32/);
  });

  it("of another program or precision is unknown", () => {
    const model = pepnet.fromConfig(config("", "", 'mixed_precision: "INT8"'));
    expect(validateSpec(model.spec).map(({ path }) => path)).toEqual(["extra.train_config.mixed_precision"]);
    expect(() => model.train({ like: "easyrec" as never })).toThrow(/training\.like.*\n.*easyrec[\s\S]*"torcheasyrec"/);
    expect(() => pepnet.fromConfig(`${config("", "")}\n# pepnet: {"like":"easyrec"}`)).toThrow(/pepnet\.like/);
  });
});
