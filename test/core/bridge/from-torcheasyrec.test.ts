import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { pepnet } from "../../../src/api/model/model.js";
import type { Run } from "../../../src/api/run/run.js";
import { editConfig } from "../../../src/core/config/pipeline/edit-config.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { printConfig } from "../../../src/core/config/pipeline/print-config.js";
import type { Weight } from "../../../src/core/engine/engine.js";
import { CheckpointError, ConfigError, type PepnetError } from "../../../src/core/errors/index.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { columns, model } from "../../kernel/cli/command.js";
import { hasShared, sharedPath } from "../../shared.js";
import { writeSafetensors } from "../train/saved/encoded.js";
import { predictedBy } from "./reference.js";

let folder: string;
let run: Run;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-bridge-"));
  run = await model.train({ emaDecay: null }).fit(columns(320, 1), { steps: 3, validation: null, quiet: true });
  await writeFile(path.join(folder, "pipeline.config"), run.model.toConfig());
  await writeSafetensors(path.join(folder, "weights.safetensors"), await run.weights());
});
afterAll(async () => {
  await run.dispose();
  await rm(folder, { recursive: true });
});

const failure = (promise: Promise<unknown>): Promise<PepnetError> =>
  promise.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: PepnetError) => error,
  );

describe.skipIf(!hasShared)("a model that the real TorchEasyRec trained", () => {
  const whole = (name: string): string => sharedPath("golden", "whole-run", name);
  let production: Run;
  beforeAll(async () => {
    production = await pepnet.fromTorchEasyRec(sharedPath("golden", "whole-run"));
  });
  afterAll(() => production.dispose());

  it("evaluates here as it did there, on the rows that its config names", async () => {
    const expected = JSON.parse(await readFile(whole("eval.json"), "utf8")) as Record<string, number>;
    const { rowCount, tasks } = await production.evaluate();
    expect(rowCount).toBe(50_000);
    const aucs = Object.fromEntries(tasks.map(({ tower, allRows }) => [tower, allRows.configured["auc"]]));
    expect(Math.abs((aucs["ctr"] as number) - (expected["auc_ctr"] as number))).toBeLessThan(1e-4);
    expect(Math.abs((aucs["cvr"] as number) - (expected["auc_cvr"] as number))).toBeLessThan(1e-4);
  });

  it("predicts what loops over its weights give, to 1e-5, in every domain", async () => {
    const rows = (await dataset(whole("eval.parquet"))).sample(40);
    const weights = await readSafetensors(whole("final.safetensors"));
    const groups = Object.fromEntries(production.spec.groups.map(({ name, features }) => [name, features])) as never;
    const predicted = await (await production.predict(rows)).head(40);
    const raw = await rows.head(40);
    expect(new Set(raw.map((row) => row["occupation"])).size).toBe(2);
    for (const [index, row] of raw.entries()) {
      const own = { layers: 2, tasks: 2, domains: 2, domain: Number(row["occupation"]) };
      const [ctr, cvr] = predictedBy(weights, row, groups, own) as [number, number];
      expect(Math.abs((predicted[index]?.["probs_ctr"] as number) - ctr)).toBeLessThan(1e-5);
      expect(Math.abs((predicted[index]?.["probs_cvr"] as number) - cvr)).toBeLessThan(1e-5);
    }
  });

  it("shows its gates, and trains on from where it was", async () => {
    const gates = await production.gates(undefined, { rows: 500 });
    expect(gates.gates.length).toBe(5); // EPNet, and two layers of PPNet for each of two tasks
    const data = (await dataset(whole("train.parquet"))).sample(4096);
    const tuned = await production.model
      .epnet({ gamma: 1 })
      .fit(data, { weights: await production.weights(), steps: 2, validation: null, quiet: true });
    expect(tuned.spec.epnet.gamma).toBe(1);
    const name = "model.epnet.gate_nu.dense_layers.0.weight";
    const before = (await production.weights()).get(name)!.data;
    const moved = (await tuned.weights())
      .get(name)!
      .data.map((value: number, i: number) => Math.abs(value - (before[i] as number)));
    const most = moved.reduce((a: number, b: number) => Math.max(a, b));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(0.0021); // two steps of Adam at 0.001
    await tuned.dispose();
  });
});

describe("a folder with config and weights", () => {
  it("gives the run that they are of, without validation rows where none are beside the config", async () => {
    const back = await pepnet.fromTorchEasyRec(folder);
    expect(back.validation).toBe(null);
    const rows = await dataset(columns(50, 3));
    expect(await (await back.predict(rows)).toColumns()).toEqual(await (await run.predict(rows)).toColumns());
    expect((await back.bundle())["text/plain"]).toContain("trained by TorchEasyRec");
    await back.dispose();
  });

  it.each(["", "module.model.", "_dmp_wrapped_module.model."])("may name parameters behind %j", async (prefix) => {
    const weights = await run.weights();
    const renamed = new Map([...weights].map(([name, weight]) => [prefix + name.slice("model.".length), weight]));
    const file = path.join(folder, "renamed.safetensors");
    await writeSafetensors(file, renamed);
    const back = await pepnet.fromTorchEasyRec({ config: path.join(folder, "pipeline.config"), weights: file });
    expect(await back.weights()).toEqual(weights);
    await back.dispose();
    await rm(file);
  });

  it("may have the values of train metrics, which TorchEasyRec saves like parameters", async () => {
    const weights = await run.weights();
    for (const prefix of ["model.", "module.model.", ""]) {
      const named = [...weights].map(([name, weight]) => [prefix + name.slice("model.".length), weight] as const);
      const values = ["_value", "_step_cnt"].map((name) => {
        return [`${prefix}_train_metric_modules.auc_ctr.${name}`, { shape: [], data: Float32Array.of(0.7) }] as const;
      });
      const file = path.join(folder, "tracked.safetensors");
      await writeSafetensors(file, new Map([...named, ...values]));
      const back = await pepnet.fromTorchEasyRec({ config: path.join(folder, "pipeline.config"), weights: file });
      expect(await back.weights()).toEqual(weights);
      await back.dispose();
      await rm(file);
    }
  });

  it("may have tables and encoders of groups that PEPNet does not read, which a note counts", async () => {
    const wide = 'feature_groups { group_name: "wide" feature_names: "user" feature_names: "coupon" group_type: WIDE }';
    const clicks =
      'feature_groups { group_name: "clicks" feature_names: "price" group_type: DEEP sequence_groups { group_name: "history" feature_names: "shop" } }';
    const feature = (name: string) =>
      `feature_configs { id_feature { feature_name: "${name}" num_buckets: 7 embedding_dim: 4 } }`;
    const config = path.join(folder, "more.config");
    const text = run.model.toConfig().replace("model_config {", `model_config { ${wide} ${clicks}`);
    await writeFile(config, `${feature("coupon")}\n${feature("shop")}\n${text}`);
    const group = "model.embedding_group";
    const names = [
      `${group}.emb_impls.__BASE__.ebc.embedding_bags.coupon_emb.weight`,
      `${group}.emb_impls.__BASE__.ebc.embedding_bags.user_emb_wide.weight`,
      `${group}.seq_emb_impls.__BASE__.ec_dict.4.embeddings.shop_emb.weight`,
      `${group}._group_name_to_seq_encoders.clicks.0.mlp.mlp.0.perceptron.0.weight`,
    ];
    const weights = await run.weights();
    const other = { shape: [2], data: new Float32Array(2) };
    const file = path.join(folder, "more.safetensors");
    await writeSafetensors(file, new Map([...weights, ...names.map((name) => [name, other] as const)]));
    const back = await pepnet.fromTorchEasyRec({ config, weights: file });
    expect(await back.weights()).toEqual(weights);
    expect(back.notes).toContain(
      `${file}: 4 parameters of the groups "wide", "clicks" left out: PEPNet reads the groups all, domain and uia`,
    );
    const ids = Array.from({ length: 64 }, (_, row) => row % 7);
    const rows = { ...columns(64, 1), coupon: ids, shop: ids };
    const tuned = await back.model.fit(rows, { weights: file, steps: 1, validation: null, quiet: true });
    expect(tuned.notes.join("\n")).toContain("4 parameters of the groups");
    // What belongs to no group is refused as before, and so is a table of a group that is read.
    for (const name of [
      names[0]!.replace("coupon", "cupon"),
      names[3]!.replace("clicks", "click"),
      "model.mmoe.gate.weight",
    ]) {
      await writeSafetensors(file, new Map([...weights, [name, other]]));
      const error = await failure(pepnet.fromTorchEasyRec({ config, weights: file }));
      expect(error.problems).toMatchObject([{ path: `${file}: ${name}`, message: "the model has no such parameter" }]);
    }
    await Promise.all([back.dispose(), tuned.dispose()]);
  });

  it("whose last domain alone was trained, as before TorchEasyRec 1.2.13, says so", async () => {
    const towers = (await run.weights()) as Map<string, Weight>;
    const of = (name: string): number => Number(/_task_tower\.(\d+)/.exec(name)?.[1] ?? -1);
    const domains = run.spec.domains!.count;
    const begun = (trained: (domain: number) => boolean): Map<string, Weight> =>
      new Map(
        [...towers].map(([name, { shape, data }]) => {
          if (of(name) < 0) return [name, { shape, data }];
          const inputs = shape[1] ?? towers.get(name.replace("bias", "weight"))!.shape[1]!;
          const bound = (trained(of(name) % domains) ? 1.5 : 1) / Math.sqrt(inputs);
          return [name, { shape, data: data.map((_, at) => (at % 2 === 0 ? bound : -bound / 3)) }];
        }),
      );
    const config = path.join(folder, "pipeline.config");
    const file = path.join(folder, "old.safetensors");
    const notes = async (trained: (domain: number) => boolean): Promise<string> => {
      await writeSafetensors(file, begun(trained));
      const back = await pepnet.fromTorchEasyRec({ config, weights: file });
      await back.dispose();
      return back.notes.join("\n");
    };
    const told = /only the last domain's towers were trained.*TorchEasyRec before 1\.2\.13.*train again/;
    expect(await notes((domain) => domain === domains - 1)).toMatch(told);
    expect(await notes(() => true)).not.toMatch(told);
    expect(await notes(() => false)).not.toMatch(told);
    expect(await notes((domain) => domain === 0)).not.toMatch(told);
  });

  it("that does not fit is refused with every parameter that is missing, foreign or of another shape", async () => {
    const weights = new Map(await run.weights());
    const [first, second] = [...weights.keys()] as [string, string];
    weights.delete(first);
    weights.set(second, { shape: [3], data: new Float32Array(3) });
    weights.set("model.mmoe.gate.weight", { shape: [1], data: new Float32Array(1) });
    const file = path.join(folder, "other.safetensors");
    await writeSafetensors(file, weights);
    const error = await failure(
      pepnet.fromTorchEasyRec({ config: path.join(folder, "pipeline.config"), weights: file }),
    );
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.problems.map((problem) => problem.path).sort()).toEqual(
      [first, second, "model.mmoe.gate.weight"].map((name) => `${file}: ${name}`).sort(),
    );
    await rm(file);
  });

  it("of another model is refused by its name", async () => {
    const config = path.join(folder, "other.config");
    await writeFile(
      config,
      (await readFile(path.join(folder, "pipeline.config"), "utf8")).replace(
        /pepnet \{[\s\S]*?\n {2}\}/,
        "multi_tower {}",
      ),
    );
    const error = await failure(pepnet.fromTorchEasyRec({ config, weights: path.join(folder, "weights.safetensors") }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain("multi_tower");
    const nowhere = await failure(pepnet.fromTorchEasyRec("nowhere"));
    expect(nowhere.message).toMatch(/cannot read the folder[\s\S]*pipeline\.config and weights\.safetensors/);
  });

  it("that holds a checkpoint instead, no weights or several says what to do", async () => {
    const bare = path.join(folder, "bare");
    await mkdir(path.join(bare, "model.ckpt-9", "model"), { recursive: true });
    expect((await failure(pepnet.fromTorchEasyRec(bare))).message).toMatch(
      /no weights found[\s\S]*convert_weights\.py/,
    );
    const config = path.join(folder, "pipeline.config");
    const checkpoint = { config, weights: path.join(bare, "model.ckpt-9") };
    expect((await failure(pepnet.fromTorchEasyRec(checkpoint))).message).toMatch(
      /only Python can read[\s\S]*convert_weights/,
    );
    const scripted = { config, weights: path.join(bare, "scripted_model.pt") };
    expect((await failure(pepnet.fromTorchEasyRec(scripted))).message).toMatch(/TorchScript[\s\S]*convert_weights/);
    await writeFile(path.join(bare, "a.safetensors"), "");
    await writeFile(path.join(bare, "b.safetensors"), "");
    expect((await failure(pepnet.fromTorchEasyRec(bare))).message).toMatch(/received: a\.safetensors, b\.safetensors/);
  });
});

describe("a model whose config averages its weights", () => {
  const files = (weights: string) => ({ config: path.join(folder, "averages.config"), weights });
  const write = async (change: (weights: Map<string, Weight>) => void, name: string): Promise<string> => {
    const weights = new Map(await run.weights());
    change(weights);
    const file = path.join(folder, name);
    await writeSafetensors(file, weights);
    return file;
  };
  const rows = columns(40, 4);
  const predictionsOf = async (run: Run) => (await run.predict(rows)).head(40);
  const gate = "model.epnet.gate_nu.dense_layers.2.bias";
  const isTable = (name: string) => name.includes("embedding_bags");
  const halved = ({ shape, data }: Weight): Weight => ({ shape, data: data.map((value) => value / 2) });
  let both: string;
  beforeAll(async () => {
    const edited = editConfig(openConfig(run.model.toConfig()), { "train_config.dense_optimizer.ema.decay": 0.9 });
    await writeFile(path.join(folder, "averages.config"), printConfig(edited));
    const off = editConfig(edited, { "eval_config.use_dense_ema": false });
    await writeFile(path.join(folder, "off.config"), printConfig(off));
    both = await write((weights) => {
      for (const [name, weight] of [...weights]) if (!isTable(name)) weights.set(`${name}.ema`, halved(weight));
    }, "both.safetensors");
  });

  it("predicts with the averages, with the trained weights only on request, and says which", async () => {
    const averaged = await pepnet.fromTorchEasyRec(files(both));
    const trained = await pepnet.fromTorchEasyRec(files(both), { weights: "trained" });
    const plain = new Map(await run.weights());
    const halves = new Map([...plain].map(([name, weight]) => [name, isTable(name) ? weight : halved(weight)]));
    expect(await averaged.weights()).toEqual(halves);
    expect(await trained.weights()).toEqual(plain);
    // The reference: the averages as the weights of a model without averages.
    const file = path.join(folder, "halves.safetensors");
    await writeSafetensors(file, halves);
    const reference = await pepnet.fromTorchEasyRec({ config: path.join(folder, "pipeline.config"), weights: file });
    expect(await predictionsOf(averaged)).toEqual(await predictionsOf(reference));
    expect(await predictionsOf(trained)).toEqual(await predictionsOf(run));
    expect(await predictionsOf(trained)).not.toEqual(await predictionsOf(averaged));
    expect(averaged.notes.join()).toMatch(/moving averages \(ema 0\.9\), as TorchEasyRec evaluates/);
    expect(trained.notes.join()).toMatch(/trained weights: TorchEasyRec evaluates and exports their moving averages/);
    for (const each of [averaged, trained, reference]) await each.dispose();
  });

  it("predicts with the trained weights where the config says use_dense_ema: false", async () => {
    const back = await pepnet.fromTorchEasyRec({ config: path.join(folder, "off.config"), weights: both });
    expect(await predictionsOf(back)).toEqual(await predictionsOf(run));
    expect(back.notes.join()).toContain("use_dense_ema: false");
    await back.dispose();
  });

  it("is refused without its averages, with some of them, and with averages of another shape or model", async () => {
    const bare = await write(() => {}, "bare.safetensors");
    const error = await failure(pepnet.fromTorchEasyRec(files(bare)));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toMatch(/lack the moving averages[\s\S]*weights: "trained"/);
    const opened = await pepnet.fromTorchEasyRec(files(bare), { weights: "trained" });
    expect(await predictionsOf(opened)).toEqual(await predictionsOf(run));
    await opened.dispose();
    const some = await write((weights) => {
      weights.set(`${gate}.ema`, { shape: [1], data: Float32Array.of(1) });
      weights.set("model.epnet.other.ema", { shape: [1], data: Float32Array.of(1) });
    }, "some.safetensors");
    const { problems } = await failure(pepnet.fromTorchEasyRec(files(some)));
    const paths = problems.map((problem) => problem.path);
    expect(paths).toContain(`${some}: ${gate}.ema`);
    expect(paths).toContain(`${some}: model.epnet.other.ema`);
    expect(paths).toContain(`${some}: model.ppnet.linears.0.weight.ema`);
    expect(paths.filter((each) => isTable(each))).toEqual([]);
  });

  it("of the real TorchEasyRec is refused too, since its file has the trained weights only", async (context) => {
    context.skip(!hasShared);
    const error = await failure(pepnet.fromTorchEasyRec(sharedPath("golden", "pipelines", "c038")));
    expect(error.message).toContain("ema { decay: 0.9 }");
  });
});

describe("windows of multi-window DIN, which TorchEasyRec saves beside parameters", () => {
  it.skipIf(!hasShared)("are compared with the config, as another model's would fit by shape", async () => {
    const place = (name: string) => sharedPath("golden", "pipelines", "c035", name);
    const weights = new Map(await readSafetensors(place("final.safetensors")));
    const name = "model.embedding_group._group_name_to_seq_encoders.all.0.windows_len";
    expect([...weights.get(name)!.data]).toEqual([1, 2, 4]);
    const back = await pepnet.fromTorchEasyRec(path.dirname(place("pipeline.config")));
    await back.dispose();
    weights.set(name, { shape: [3], data: Float32Array.of(1, 3, 4) });
    const file = path.join(folder, "windows.safetensors");
    await writeSafetensors(file, weights);
    const error = await failure(pepnet.fromTorchEasyRec({ config: place("pipeline.config"), weights: file }));
    expect(error.problems).toMatchObject([{ path: `${file}: ${name}`, received: "[1, 3, 4]", expected: "[1, 2, 4]" }]);
  });
});

describe("training that starts from such windows", () => {
  it.skipIf(!hasShared)("takes the parameters beside them", async () => {
    const place = (name: string) => sharedPath("golden", "pipelines", "c035", name);
    const text = await readFile(place("pipeline.config"), "utf8");
    const options = { weights: place("final.safetensors"), steps: 1, validation: null, quiet: true };
    const started = await pepnet.fromConfig(text).fit(place("train.parquet"), options);
    expect([...(await started.weights()).keys()].filter((name) => name.includes("windows_len"))).toEqual([]);
    await started.dispose();
  });
});

describe("settings that matter in training only", () => {
  const edits = {
    "train_config.sparse_optimizer.lamb_optimizer.lr": 0.01,
    "feature_configs[0].id_feature.init_fn": "nn.init.orthogonal_",
    "feature_configs[0].id_feature.trainable": false,
    "feature_configs[0].id_feature.use_mask": true,
    "data_config.sample_mask_prob": 0.1,
  };
  const opened = async (changes: Readonly<Record<string, string | number | boolean>>): Promise<Run> => {
    const text = await readFile(path.join(folder, "pipeline.config"), "utf8");
    const config = path.join(folder, "edited.config");
    await writeFile(config, printConfig(editConfig(openConfig(text), changes)));
    return pepnet.fromTorchEasyRec({ config, weights: path.join(folder, "weights.safetensors") });
  };

  it("open, predict the same, are noted, and stop further training", async () => {
    const production = await opened(edits);
    const rows = columns(40, 2);
    const heads = [run, production].map(async (each) => (await each.predict(rows)).head(40));
    const [before, after] = await Promise.all(heads);
    expect(after).toEqual(before);
    const notes = production.notes.join("\n");
    for (const name of ["lamb_optimizer", "init_fn", "sample_mask_prob"]) {
      expect(notes).toContain(name);
    }
    const error = await failure(production.model.fit(rows, { steps: 1, quiet: true }) as Promise<unknown>);
    expect(error.problems.map((problem) => problem.path)).toEqual(
      expect.arrayContaining(["features.user.init_fn", "training.sparse"]),
    );
    await production.dispose();
  });

  it("half precision is noted, as TorchEasyRec also predicts with it", async () => {
    const production = await opened({ "train_config.mixed_precision": "BF16" });
    expect(production.notes.join("\n")).toContain("mixed_precision: every number here is a float32");
    expect(production.notes.join("\n")).toContain("also predicts, in BF16");
    await production.dispose();
  });

  it("tables of half precision train in float32, with a note of their names", async () => {
    const production = await opened({ "feature_configs[0].id_feature.data_type": "FP16" });
    expect(production.notes.join("\n")).toContain("half precision");
    const rows = columns(40, 2);
    expect(await (await production.predict(rows)).toColumns()).toEqual(await (await run.predict(rows)).toColumns());
    const trained = (await production.model.fit(rows, { steps: 1, validation: null, quiet: true })) as Run;
    expect(trained.notes.join("\n")).toContain('TorchEasyRec rounds those of "user" to half precision at each update');
    expect(trained.model.toConfig()).toMatch(/data_type: "FP16"/);
    await Promise.all([production.dispose(), trained.dispose()]);
  });

  it("a type that TorchEasyRec does not have is refused", async () => {
    const error = await failure(opened({ "feature_configs[0].id_feature.data_type": "INT8" }));
    expect(error.message).toContain("INT8");
  });
});
