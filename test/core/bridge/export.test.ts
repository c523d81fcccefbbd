import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adam } from "../../../src/core/builder/optimizers.js";
import { specFromConfig } from "../../../src/core/config/index.js";
import { ConfigError, DataError, type PepnetError } from "../../../src/core/errors/index.js";
import { random } from "../../../src/core/util/random.js";
import { type AnyModel, comboFeature, dataset, idFeature, pepnet, rawFeature } from "../../../src/index.js";
import { pepnetIn } from "../../kernel/cli/command.js";
import { hasShared, sharedPath } from "../../shared.js";
import { parquetRows, parquetTypes } from "./columns.js";

/** Every kind of feature, label and weight that a model can have here. */
const model = pepnet()
  .features(
    idFeature("user").buckets(40).embedding(4).expression("user:uid"),
    idFeature("city").vocab(["rome", "oslo", "bern"]).embedding(4),
    idFeature("tags").hash(100).multiValue("|").embedding(4, { pooling: "mean" }),
    idFeature("words").hash(50).multiValue("|").weighted().embedding(4),
    rawFeature("price").normalize({ method: "log10", threshold: 0.5 }),
    rawFeature("place").dims(2).multiValue(","),
    rawFeature("age").boundaries([18, 30, 50]).embedding(4),
    idFeature("scene").buckets(2).embedding(4),
    comboFeature("city_scene", ["city", "scene"]).hash(30).embedding(4),
  )
  .labels("clk", "buy", "seconds")
  .sampleWeights("weight")
  .group("domain", ["scene"])
  .group("uia", ["user", "price"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", ["feed", "search"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc().sampleWeight("weight"))
  .tower("cvr", (t) => t.label("buy").mlp(8).bce().taskSpace("clk", { in: 1, out: 0 }))
  .tower("stay", (t) => t.label("seconds").mlp(8).l2())
  .train({ batchSize: 64, epochs: 2, shuffle: false });

function rows(count: number, seed: number): Record<string, unknown>[] {
  const source = random(seed);
  const pick = <T>(list: readonly T[]): T => list[source.integer(list.length)] as T;
  return Array.from({ length: count }, () => ({
    uid: source.integer(40),
    city: pick(["rome", "oslo", "bern", "elsewhere"]),
    tags: pick(["", "a", "b|c", "a|b|c"]),
    words: pick(["x:0.5", "x:0.25|y:2"]),
    price: pick([null, 3, 250]),
    place: `${source.uniform()},${source.uniform()}`,
    age: 10 + source.integer(60),
    scene: source.integer(2),
    weight: pick([0.5, 2]),
    clk: source.integer(2),
    buy: source.integer(2),
    seconds: source.uniform(),
  }));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-export-"));
});
afterAll(() => rm(folder, { recursive: true }));

const failure = (promise: Promise<unknown>): Promise<PepnetError> =>
  promise.then(
    () => Promise.reject(new Error("nothing was thrown")),
    (error: PepnetError) => error,
  );
const at = (...parts: string[]): string => path.join(folder, ...parts);

describe("a model of every kind of feature", () => {
  const out = (...parts: string[]): string => at("kinds", ...parts);
  beforeAll(async () => {
    await model.exportTorchEasyRec(rows(640, 1), { folder: out(), validation: rows(128, 2) });
  });

  it("is a whole folder: config, rows, script, converter, README, and the model as it was", async () => {
    expect((await readdir(out())).sort()).toEqual([
      "README.md",
      "convert_weights.py",
      "eval.parquet",
      "maxcompute.sql",
      "model.config",
      "pipeline.config",
      "train.parquet",
      "train.sh",
    ]);
    const own = pepnet.fromConfig(await readFile(out("model.config"), "utf8")).spec;
    expect(own.features).toEqual(model.spec.features);
    // The rows beside it are encoded: reading them by this config would be wrong.
    expect(own.extra).toMatchObject({ train_input_path: "", eval_input_path: "" });
  });

  it("has the columns that TorchEasyRec's reader takes with FG_NONE", async () => {
    expect(await parquetTypes(out("train.parquet"))).toEqual({
      user: "BIGINT",
      city: "BIGINT",
      tags: "VARCHAR",
      words: "VARCHAR",
      price: "FLOAT",
      place: "FLOAT[]",
      age: "BIGINT",
      scene: "BIGINT",
      city_scene: "BIGINT",
      clk: "BIGINT",
      buy: "BIGINT",
      seconds: "FLOAT",
      weight: "FLOAT",
    });
    const written = await parquetRows(out("train.parquet"));
    const given = rows(640, 1);
    expect(written.map((row) => Number(row["user"]))).toEqual(given.map((row) => row["uid"]));
    for (const [index, row] of written.entries()) {
      const { tags, words, price, city } = given[index] as Record<string, string>;
      const several = row["tags"] === null ? [] : String(row["tags"]).split("\x03");
      expect(several.length).toBe(tags === "" ? 0 : String(tags).split("|").length);
      const weights = String(row["words"])
        .split("\x03")
        .map((word) => /^\d+:([\d.]+)$/.exec(word)?.[1]);
      expect(weights).toEqual(words === "x:0.5" ? ["0.5"] : ["0.25", "2"]);
      expect(Number(row["city"])).toBe(["rome", "oslo", "bern"].indexOf(city as string) + 2 || 1);
      if (price !== null) expect(row["price"]).toBeCloseTo(Math.log10(Number(price)), 6);
      expect([0, 1, 2, 3]).toContain(Number(row["age"]));
    }
  });

  it("has the types of both files' columns as MaxCompute has them", async () => {
    const sql = await readFile(out("maxcompute.sql"), "utf8");
    const names = { BIGINT: "BIGINT", FLOAT: "FLOAT", VARCHAR: "STRING", "FLOAT[]": "ARRAY<FLOAT>" };
    for (const name of ["train", "eval"]) {
      const table = new RegExp(`CREATE TABLE IF NOT EXISTS pepnet_${name} \\(\\n([^;]*)\\);`).exec(sql)![1]!;
      const columns = [...table.matchAll(/^ {2}`(.*)` ([\w<>]+),?$/gm)].map(([, column, type]) => [column!, type!]);
      const types = Object.entries(await parquetTypes(out(`${name}.parquet`)));
      expect(columns).toEqual(types.map(([column, type]) => [column, names[type as keyof typeof names]]));
    }
    expect(sql).not.toContain("Rename");
  });

  it("has a config whose tables are as large, whose labels hold the domain and whose tables train sparsely", async () => {
    const text = await readFile(out("pipeline.config"), "utf8");
    expect(text).toMatch(/fg_mode: FG_NONE/);
    expect(text).toMatch(/dataset_type: ParquetDataset/);
    expect(text).toMatch(/label_fields: \["clk", "buy", "seconds", "scene"\]/);
    expect(text).toMatch(/sharding_types: \["table_wise"\]\s+compute_kernels: \["fused"\]/);
    expect(text).toMatch(/feature_name: "user"\s+expression: "user:user"/);
    const buckets = [...text.matchAll(/feature_name: "(\w+)"[^}]*?num_buckets: (\d+)/g)].map(([, name, size]) => [
      name,
      Number(size),
    ]);
    expect(Object.fromEntries(buckets)).toEqual({
      user: 40,
      city: 5,
      tags: 100,
      words: 50,
      age: 4,
      scene: 2,
      city_scene: 30,
    });
  });

  it("trains from the folder to the very weights of a fit in the notebook, and comes back to its own columns", async () => {
    const run = await model.fit(rows(640, 1), { validation: rows(128, 2), quiet: true });
    const { code, err } = await pepnetIn(out(), "train", "--config", "pipeline.config", "--log-steps", "100");
    expect(code, err).toBe(0);
    const trained = await pepnet.fromTorchEasyRec({
      config: out("model.config"),
      weights: out("model", "weights.safetensors"),
    });
    expect(await trained.weights()).toEqual(await run.weights());
    const withoutFloor = (await run.evaluate()).tasks.map(({ floor: _, ...task }) => task);
    expect((await trained.evaluate(rows(128, 2))).tasks).toEqual(withoutFloor);
    const there = await pepnet.fromTorchEasyRec({
      config: out("pipeline.config"),
      weights: out("model", "weights.safetensors"),
    });
    expect((await there.evaluate()).tasks).toEqual(withoutFloor);
    await Promise.all([run, trained, there].map((one) => one.dispose()));
  });

  it("has a script that gives each worker its share of the batch, and takes the weights out in the end", async () => {
    const tools = at("tools");
    await mkdir(tools);
    for (const name of ["torchrun", "python"]) {
      await writeFile(path.join(tools, name), `#!/bin/sh\necho ${name} "$@" in "$(basename "$PWD")"\n`);
      await chmod(path.join(tools, name), 0o755);
    }
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
    const script = (...options: string[]): Promise<string> =>
      new Promise((resolve) => {
        execFile("bash", [out("train.sh"), ...options], { env, cwd: folder }, (_, text, err) => resolve(text + err));
      });
    const ran = await script("3", "--continue_train");
    expect(ran).toMatch(/^torchrun .*--nproc-per-node=3 -m tzrec\.train_eval --pipeline_config_path pipeline\.config/);
    expect(ran).toMatch(/--edit_config_json \{"data_config\.batch_size": 22\} --continue_train in kinds\n/);
    expect(ran).toMatch(/python convert_weights\.py model weights\.safetensors in kinds\n$/);
    expect(await script("--continue_train")).toMatch(
      /--nproc-per-node=1 .*"data_config\.batch_size": 64\} --continue_train/,
    );
    expect(await script()).toMatch(/\{"data_config\.batch_size": 64\} in kinds\n/);
    for (const options of [["--model_dir", "a b"], ["--model_dir=a b"]]) {
      expect(await script("2", ...options)).toMatch(/--model_dir a b in kinds\npython convert_weights\.py a b weights/);
    }
    for (const options of [["--edit_config_json", '{"a.b": {"c": 1}}'], ['--edit_config_json={"a.b": {"c": 1}}']]) {
      expect(await script("2", ...options)).toContain('{"data_config.batch_size": 32, "a.b": {"c": 1}}');
    }
    expect(await script("--edit_config_json", '{"model_dir": "c d"}', "--model_dir", "a")).toMatch(
      /"model_dir": "c d"\} --model_dir a in kinds\npython convert_weights\.py c d weights/,
    );
    expect(await script("2", "--edit_config_json", "{ }")).toContain('{"data_config.batch_size": 32} in kinds');
    const sized = '{"a": 1, "data_config.batch_size" : 100, "data_config.eval_batch_size": 7}';
    expect(await script("3", "--edit_config_json", sized)).toContain(
      '{"a": 1, "data_config.batch_size": 34, "data_config.eval_batch_size": 7} in kinds',
    );
    expect(await script("--model_dir")).toBe("--model_dir needs a value\n");
  });
});

describe("the order of the rows", () => {
  const shuffling = model.train({ shuffle: true });
  const users = async (name: string): Promise<number[]> =>
    (await parquetRows(at(name, "train.parquet"))).map((row) => Number(row["seconds"]));

  it("is random by the seed where the model's rows are shuffled, since TorchEasyRec shuffles batches only", async () => {
    const data = rows(5000, 4);
    for (const name of ["once", "twice"])
      await shuffling.exportTorchEasyRec(data, { folder: at(name), validation: null });
    await shuffling.train({ seed: 9 }).exportTorchEasyRec(data, { folder: at("other"), validation: null });
    const once = await users("once");
    expect(once).toEqual(await users("twice"));
    expect(once).not.toEqual(await users("other"));
    const given = data.map((row) => Math.fround(row["seconds"] as number));
    expect(once).not.toEqual(given);
    expect([...once].sort()).toEqual([...given].sort());
    expect(await readFile(at("once", "pipeline.config"), "utf8")).toMatch(/eval_input_path: ""/);
  });

  it("is the data's where that is asked for", async () => {
    const data = rows(300, 4);
    const written = await shuffling.exportTorchEasyRec(data, { folder: at("kept"), shuffle: false });
    expect(written.rowCounts).toEqual({ train: 270, validation: 30 });
    const given = data.map((row) => Math.fround(row["seconds"] as number));
    const kept = await users("kept");
    expect(kept).toEqual(given.filter((value) => kept.includes(value)));
    expect((await written.bundle())["text/plain"]).toMatch(
      /train\.sh[\s\S]*training +train\.parquet +270[\s\S]*validation +eval\.parquet +30/,
    );
  });
});

describe("what TorchEasyRec would stumble over", () => {
  const refused = async (changed: AnyModel, data = rows(60, 1)): Promise<PepnetError> => {
    const error = await failure(changed.exportTorchEasyRec(data, { folder: at("refused"), validation: null }));
    expect((await readdir(folder)).filter((name) => name.startsWith("refused"))).toEqual([]);
    return error;
  };

  it("in the rows is refused with row and column, all of it at once, and nothing is written", async () => {
    const data = rows(60, 1).map((row) => ({ ...row, uid: String(row["uid"]) }));
    Object.assign(data[3] as object, { clk: null });
    Object.assign(data[7] as object, { uid: "seven" });
    Object.assign(data[9] as object, { price: Number.NaN });
    Object.assign(data[11] as object, { scene: 2 });
    Object.assign(data[12] as object, { buy: 2 });
    const error = await refused(model, data);
    expect(error).toBeInstanceOf(DataError);
    const places = error.problems.map(({ path: place }) =>
      /row (\d+) .*column "(\w+)"/.exec(place)?.slice(1).join(" "),
    );
    expect(places.sort()).toEqual(["11 scene", "12 buy", "3 clk", "7 uid", "9 price"]);
  });

  it("in the model is refused by the switch's name", async () => {
    const error = await refused(model.switches({ gatePlacement: "input", detachPriors: true }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.problems.map((problem) => problem.path)).toEqual(["switches.gatePlacement", "switches.detachPriors"]);
  });

  it("as a tower of classes beside domains, or a feature that is a label too", async () => {
    const classes = model.tower("kind", (t) => t.label("buy").mlp(4).softmax(3));
    expect((await refused(classes)).message).toMatch(
      /towers\.kind\.numClass: TorchEasyRec fails on a multi-class tower/,
    );
    const twin = model.labels("age");
    expect((await refused(twin)).message).toMatch(/features\.age: a feature and a label .* with the same name/);
  });

  it("as a field of later versions is refused, which the version that trains the export cannot read", async () => {
    const later = model.toConfig().replace("data_config {", "data_config { min_batch_size: 8");
    expect((await refused(pepnet.fromConfig(later))).problems).toMatchObject([
      { path: "data_config.min_batch_size", received: "8", fix: expect.stringContaining("drop_remainder: true") },
    ]);
  });

  it("as a table whose width is no multiple of 4 is refused with the next width, and noted in the config", async () => {
    const narrow = model.features(
      idFeature("home").vocab(["rome", "oslo"]).embedding(5, { sharedAs: "place_emb" }).expression("user:city"),
      idFeature("town").vocab(["rome", "oslo"]).embedding(5, { sharedAs: "place_emb" }).expression("user:city"),
    ) as AnyModel;
    const { problems } = await refused(narrow);
    expect(problems).toMatchObject([
      { path: "features.home.embeddingDim", received: "5", expected: "8", fix: '.embedding(8) for "home", "town"' },
    ]);
    const config = narrow.toConfig();
    expect(config).toMatch(
      /^# TorchEasyRec does not start: the width of table "place_emb" is no multiple of 4 \(5\): /,
    );
    expect(specFromConfig(config).features).toEqual(narrow.spec.features);
    expect(model.toConfig()).not.toContain("does not start");
    const findings = async (each: AnyModel) => {
      const { warnings } = await (await dataset(rows(60, 1))).check(each);
      return warnings.filter(({ message }) => message.includes("no multiple of 4")).map(({ path: place }) => place);
    };
    expect(await findings(pepnet.fromConfig(`${config}\neval_config {}`))).toEqual(["features.home.embeddingDim"]);
    expect(await findings(narrow)).toEqual([]);
  });

  it("as averaged tables of the dense optimizer is refused with both ways out", async () => {
    const averaged = model.train({ emaDecay: 0.9, tablePlacement: "planner" });
    expect((await refused(averaged)).message).toMatch(
      /training\.emaDecay: TorchEasyRec stops when it averages[\s\S]*tablePlacement: "sparse" \}\), or \.train\(\{ emaDecay: null/,
    );
    await averaged
      .train({ tablePlacement: "sparse" })
      .exportTorchEasyRec(rows(40, 1), { folder: at("averaged"), validation: null });
  });

  it("as averaged tables that their own constraints give to the dense optimizer names these tables", async () => {
    const constraints = 'embedding_constraints { sharding_types: "data_parallel" compute_kernels: "dense" }';
    const text = model.train({ emaDecay: 0.9 }).toConfig();
    const constrained = (names: readonly string[], each = text): AnyModel =>
      pepnet.fromConfig(
        names.reduce((all, name) => all.replace(`feature_name: "${name}"`, `$&\n    ${constraints}`), each),
      ) as unknown as AnyModel;
    const alone = (await refused(constrained(["user", "age"]) as typeof model)).message;
    expect(alone).toContain(
      'received: emaDecay 0.9; tables of the dense optimizer by embedding_constraints of their features: "user_emb", "age_emb"',
    );
    expect(alone).toContain(
      'fix: remove embedding_constraints of "user", "age" from feature_configs, or .train({ emaDecay: null })',
    );
    expect(alone).not.toContain("tablePlacement");
    const planned = constrained(["user"]).train({ tablePlacement: "dense" }) as typeof model;
    const both = (await refused(planned)).message;
    expect(both).toContain('by tablePlacement "dense": "city_emb"');
    expect(both).toContain('by embedding_constraints of their features: "user_emb"\n');
    expect(both).toContain(
      'fix: .train({ tablePlacement: "sparse" }) and remove embedding_constraints of "user" from feature_configs, or .train({ emaDecay: null })',
    );
    // What the fix says, done.
    const free = pepnet.fromConfig(
      constrained(["user"])
        .toConfig()
        .replace(/\n +embedding_constraints \{[^}]*\}/, ""),
    );
    await free.exportTorchEasyRec(rows(40, 1), { folder: at("unconstrained"), validation: null });
  });

  it("is a folder that holds something", async () => {
    await mkdir(at("full"));
    await writeFile(at("full", "notes.txt"), "mine");
    const error = await failure(model.exportTorchEasyRec(rows(20, 1), { folder: at("full"), validation: null }));
    expect(error.message).toMatch(/the folder is not empty[\s\S]*notes\.txt/);
    expect(await readFile(at("full", "notes.txt"), "utf8")).toBe("mine");
  });

  it("as sparse Adam on the CPU is told in the README, with its way out", async () => {
    await model
      .train({ sparse: adam(0.01) as never })
      .exportTorchEasyRec(rows(40, 1), { folder: at("adam"), validation: null });
    expect(await readFile(at("adam", "README.md"), "utf8")).toMatch(
      /sparse optimizer is adam, which TorchEasyRec refuses on the CPU/,
    );
  });
});

describe("a frozen table (trainable: false)", () => {
  const frozen = (tablePlacement: "sparse" | "planner" | "dense") =>
    pepnet()
      .features(
        idFeature("user").buckets(40).embedding(4, { trainable: false }).expression("user:uid"),
        idFeature("city").hash(10).embedding(4),
      )
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc())
      .train({ tablePlacement, batchSize: 64, epochs: 1 });
  const table = "model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.user_emb.weight";

  it.each(["planner", "dense"] as const)(
    "with %s is pinned to the kernel that leaves it as it is there",
    async (placement) => {
      const out = at(`frozen-${placement}`);
      const { notes } = await frozen(placement).exportTorchEasyRec(rows(128, 1), { folder: out, validation: null });
      const exported = pepnet.fromConfig(await readFile(path.join(out, "pipeline.config"), "utf8"));
      // TorchEasyRec's rule on a CPU: the dense kernel ignores trainable: false (pipeline c032 of the real program).
      const moves = async (each: AnyModel, data: string | Record<string, unknown>[]): Promise<boolean> => {
        const like = each.train({ like: "torcheasyrec" }) as AnyModel;
        const start = await like.fit(data, { steps: 1, validation: null, quiet: true });
        const run = await like.fit(data, { steps: 2, validation: null, quiet: true });
        const [before, after] = [(await start.weights()).get(table), (await run.weights()).get(table)];
        expect(before).toBeDefined();
        for (const one of [start, run]) await one.dispose();
        return JSON.stringify([...before!.data]) !== JSON.stringify([...after!.data]);
      };
      expect(await moves(exported, path.join(out, "train.parquet"))).toBe(false);
      expect(await moves(frozen(placement) as unknown as AnyModel, rows(128, 1))).toBe(true);
      expect(notes.join()).toContain('"user": pinned to the fused kernel');
    },
  );

  it("with the sparse optimizer needs no pin, and averages go with it", async () => {
    const out = at("frozen-sparse");
    const averaged = frozen("sparse").train({ emaDecay: 0.9 });
    const { notes } = await averaged.exportTorchEasyRec(rows(64, 1), { folder: out, validation: null });
    expect(notes.join()).not.toContain("pinned");
    expect(await readFile(path.join(out, "pipeline.config"), "utf8")).not.toContain("embedding_constraints { ");
  });
});

describe.skipIf(!hasShared)("a config that TorchEasyRec trained by", () => {
  const golden = (name: string): string => sharedPath("golden", "whole-run", name);

  it("goes out with the columns, types and settings that it had", async () => {
    const text = await readFile(golden("pipeline.config"), "utf8");
    const data = (await dataset(golden("train.parquet"))).sample(3000);
    await pepnet.fromConfig(text).exportTorchEasyRec(data, { folder: at("whole"), validation: golden("eval.parquet") });
    expect(await parquetTypes(at("whole", "train.parquet"))).toEqual(await parquetTypes(golden("train.parquet")));
    const [before, after] = [
      specFromConfig(text),
      specFromConfig(await readFile(at("whole", "pipeline.config"), "utf8")),
    ];
    const { model_dir: _, ...kept } = before.extra;
    expect({ ...after, features: [] }).toEqual({ ...before, features: [], extra: kept });
    const shown = await parquetRows(at("whole", "eval.parquet"));
    expect(shown).toEqual(await parquetRows(golden("eval.parquet")));
  });

  it("under the planner has the tables that the dense optimizer trains here pinned to it there", async () => {
    const text = (await readFile(golden("pipeline.config"), "utf8")).replace(
      / {2}global_embedding_constraints.*\n/,
      "",
    );
    const data = (await dataset(golden("train.parquet"))).sample(500);
    await pepnet.fromConfig(text).exportTorchEasyRec(data, { folder: at("planned"), validation: null });
    const config = await readFile(at("planned", "pipeline.config"), "utf8");
    const pinned = [
      ...config.matchAll(/feature_name: "(\w+)"[^}]*embedding_constraints \{\s+sharding_types: \["data_parallel"\]/g),
    ];
    expect(pinned.map(([, name]) => name)).toEqual(["age_level", "gender", "occupation", "cate_id", "pid"]);
    expect(config).toMatch(/global_embedding_constraints \{\s+sharding_types: \["table_wise"\]/);
  });
});

describe("pepnet export torcheasyrec", () => {
  it("writes the folder from a config, its own paths and the shell's", async () => {
    const project = at("project");
    await mkdir(project);
    await writeFile(path.join(project, "pipeline.config"), model.toConfig());
    await (await dataset(rows(200, 1))).toParquet(path.join(project, "train.parquet"));
    await (await dataset(rows(50, 2))).toParquet(path.join(project, "test.parquet"));
    const written = await pepnetIn(
      project,
      "export",
      "torcheasyrec",
      "--config",
      "pipeline.config",
      "--out",
      "cluster",
    );
    expect(written).toMatchObject({ code: 0, out: "saved path=cluster train_rows=200 eval_rows=50\n" });
    const bare = ["export", "torcheasyrec", "--config", "pipeline.config", "--data", "test.parquet", "--no-eval"];
    expect((await pepnetIn(project, ...bare, "--out", "bare")).out).toBe("saved path=bare train_rows=50 eval_rows=0\n");
    expect(await pepnetIn(project, "export", "torcheasyrec", "--out", "none")).toMatchObject({ code: 2 });
    const again = await pepnetIn(project, ...bare, "--out", "bare");
    expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/the folder is not empty/) });
  });
});
