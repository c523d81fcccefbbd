/** A fragment of a config, as on TorchEasyRec's pages, becomes a model of the columns of data. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { specWarnings } from "../../src/core/spec/validate/warnings.js";
import { random } from "../../src/core/util/random.js";
import { ConfigError, dataset, pepnet } from "../../src/index.js";
import { pepnetIn } from "../kernel/cli/command.js";

/** The block of TorchEasyRec's page on PEPNet, in its spelling; shorter by features of the same kinds. */
const page = `model_config: {
  feature_groups: {
    group_name: 'all'
    feature_names: 'user_id'
    feature_names: 'cms_segid'
    feature_names: 'customer'
    feature_names: 'occupation'
    feature_names: 'adgroup_id'
    feature_names: 'brand'
    feature_names: 'price'
    wide_deep: DEEP
  }
  feature_groups: {
    group_name: 'domain'
    feature_names: 'occupation'
    wide_deep: DEEP
  }
  feature_groups: {
    group_name: 'uia'
    feature_names: 'user_id'
    feature_names: 'adgroup_id'
    wide_deep: DEEP
  }
  pepnet {
    main_group_name: "all"
    domain_group_name: "domain"
    epnet_hidden_unit: 128,
    uia_group_name: "uia"
    ppnet_hidden_units: [512, 256]
    ppnet_dropout_ratio: [0.1, 0.1]
    task_towers {
      tower_name: "ctr"
      label_name: "clk"
      mlp { hidden_units: [256, 128, 64] }
      metrics { auc {} }
      losses { binary_cross_entropy {} }
    }
    task_towers {
      tower_name: "cvr"
      label_name: "buy"
      mlp { hidden_units: [256, 128, 64] }
      metrics { auc { thresholds: 1000 } }
      losses { binary_cross_entropy {} }
    }
  }
}
`;
const withDomain = page.replace(
  "ppnet_hidden_units",
  'domain_input_name: "occupation" task_domain_num: 2 ppnet_hidden_units',
);

const source = random(3);
const rows = Array.from({ length: 240 }, (_, row) => ({
  user_id: `u${row % 60}`,
  cms_segid: source.integer(97),
  customer: 1000 * source.integer(70),
  occupation: row % 2,
  // A value in each row: suggestModel leaves such a column out, but the config names it.
  adgroup_id: 100_000 + row,
  brand: ["acme", "umbrella", null, "initech"][row % 4]!,
  price: source.uniform() * 100,
  clk: row % 3 === 0 ? 1 : 0,
  buy: row % 6 === 0 ? 1 : 0,
}));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-complete-"));
  await (await dataset(rows)).toParquet(path.join(folder, "train.parquet"));
  await writeFile(path.join(folder, "page.config"), withDomain);
});
afterAll(() => rm(folder, { recursive: true }));

const failure = (work: () => unknown): Promise<ConfigError> =>
  Promise.resolve()
    .then(work)
    .then(
      () => Promise.reject(new Error("nothing was thrown")),
      (error: ConfigError) => error,
    );

describe("the block of TorchEasyRec's page", () => {
  it("opens with data as a model of its groups and towers, which trains", async () => {
    const model = await pepnet.fromConfig(page, { data: rows });
    expect(model.spec.features.map(({ name }) => name)).toEqual([
      "user_id",
      "cms_segid",
      "customer",
      "occupation",
      "adgroup_id",
      "brand",
      "price",
    ]);
    expect(model.spec.groups.map(({ name, features }) => [name, features])).toEqual([
      ["domain", ["occupation"]],
      ["uia", ["user_id", "adgroup_id"]],
    ]);
    expect(model.spec.epnet.hidden).toBe(128);
    expect(model.spec.ppnet).toMatchObject({ hidden: [512, 256], dropout: [0.1, 0.1] });
    const kinds = Object.fromEntries(
      model.spec.features.map((each) => [each.name, each.kind === "id" ? each.encoding.kind : each.kind]),
    );
    expect(kinds).toEqual({
      user_id: "vocabList",
      cms_segid: "vocabList",
      customer: "vocabList",
      occupation: "vocabList",
      adgroup_id: "hash",
      brand: "vocabList",
      price: "raw",
    });
    const run = await model.fit(rows, { steps: 2, validation: null, quiet: true });
    expect((await run.predict(rows)).rows).toBe(240);
    await run.dispose();
  });

  it.each([
    ["with domains, whose feature has their number of buckets", withDomain],
    ["without the line of its message", withDomain.replace("model_config: {", "").replace(/\}\s*$/, "")],
  ])("%s", async (_, text) => {
    const model = await pepnet.fromConfig(text, { data: rows });
    expect(model.spec.domains).toEqual({ column: "occupation", count: 2, names: null });
    expect(model.spec.features.find(({ name }) => name === "occupation")).toMatchObject({
      encoding: { kind: "buckets", count: 2 },
    });
    expect(specWarnings(model.spec).map(({ path: place }) => place)).not.toContain("domains.count");
  });

  it("may have WIDE groups of ids", async () => {
    const wide = page.replace(/wide_deep: DEEP(?=\s+\}\s+pepnet)/, "wide_deep: WIDE");
    const model = await pepnet.fromConfig(wide, { data: rows });
    const run = await model.fit(rows, { steps: 2, validation: null, quiet: true });
    const tables = [...(await run.weights())].filter(([name]) => name.endsWith("_wide.weight"));
    expect(tables.map(([, { shape }]) => shape[1])).toEqual([4, 4]);
    await run.dispose();
    const number = page.replace(
      "feature_names: 'price'\n    wide_deep: DEEP",
      "feature_names: 'price'\n    wide_deep: WIDE",
    );
    await expect(pepnet.fromConfig(number, { data: rows }).then((made) => made.fit(rows))).rejects.toThrow(
      /"price" has no table of ids, as a WIDE group needs/,
    );
  });

  it("keeps the features that it declares", async () => {
    const declared = `feature_configs { id_feature { feature_name: "brand" expression: "item:brand" hash_bucket_size: 7 embedding_dim: 4 } }`;
    const model = await pepnet.fromConfig(page + declared, { data: rows });
    expect(model.spec.features.find(({ name }) => name === "brand")).toMatchObject({
      encoding: { kind: "hash", size: 7 },
      embeddingDim: 4,
    });
    expect(model.spec.features).toHaveLength(7);
  });

  it("without data is one problem, with the way to go on", async () => {
    const error = await failure(() => pepnet.fromConfig(page));
    expect(error.problems).toHaveLength(1);
    expect(error.problems[0]).toMatchObject({
      path: "feature_configs",
      fix: expect.stringContaining("pepnet config complete"),
    });
  });

  it("is refused with every name that the data lack, and every column that is no feature", async () => {
    const dated = rows.map(({ brand: _, clk: __, ...row }) => ({
      ...row,
      brandd: "x",
      price: new Date(2024, 1, 1 + (row.cms_segid % 20)),
    }));
    const error = await failure(() => pepnet.fromConfig(page, { data: dated }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.problems.map(({ path: place }) => place).sort()).toEqual([
      "config: brand",
      "config: clk",
      "config: price",
    ]);
    expect(error.message).toMatch(/did you mean "brandd"/);
  });

  it("is refused where it names groups that have fixed names, or no PEPNet", async () => {
    const renamed = page.replace('main_group_name: "all"', 'main_group_name: "main"');
    expect((await failure(() => pepnet.fromConfig(renamed, { data: rows }))).message).toContain(
      'no field "main_group_name"',
    );
    expect((await failure(() => pepnet.fromConfig("feature_groups {}", { data: rows }))).message).toContain(
      "feature_groups",
    );
  });
});

describe("pepnet config complete", () => {
  it("prints a whole config with a reason for each feature, which opens and checks", async () => {
    const args = ["config", "complete", "page.config", "--data", "train.parquet", "-o", "pipeline.config"];
    const { code, out, err } = await pepnetIn(folder, ...args);
    expect([code, out]).toEqual([0, ""]);
    const text = await readFile(path.join(folder, "pipeline.config"), "utf8");
    expect(text).toContain("# occupation: the domain: num_buckets is task_domain_num (2)");
    expect(text).toMatch(/# adgroup_id: an id, hashed, as the config names it \(a value per row/);
    expect(text).toContain("# price: a number, scaled");
    expect(pepnet.fromConfig(text).spec.features).toEqual(
      (await pepnet.fromConfig(withDomain, { data: rows })).spec.features,
    );
    // The reasons also appear where they are read at once; without -o, the config on standard output has them.
    const comments = [...text.matchAll(/^# (\w+: .*)$/gm)].map(([, reason]) => `note: ${reason}`);
    const added = comments.filter((line) => !line.startsWith("note: pepnet:"));
    expect(added.length).toBeGreaterThan(5);
    expect(err.trimEnd().split("\n")).toEqual(added);
    const printed = await pepnetIn(folder, ...args.slice(0, -2));
    expect(printed).toEqual({ code: 0, out: text, err: "" });
    const checked = await pepnetIn(folder, "data", "check", "train.parquet", "--config", "pipeline.config");
    expect(checked, checked.out + checked.err).toMatchObject({ code: 0 });
    const missing = await pepnetIn(folder, "config", "complete", "none.config", "--data", "train.parquet");
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("none.config") });
  });
});

describe("a domain feature by hash_bucket_size", () => {
  it("is a warning with the rule of the page", async () => {
    const hashed = `feature_configs { id_feature { feature_name: "occupation" expression: "user:occupation" hash_bucket_size: 10 embedding_dim: 4 } }`;
    const { spec } = await pepnet.fromConfig(withDomain + hashed, { data: rows });
    expect(specWarnings(spec)).toContainEqual(
      expect.objectContaining({
        path: "features.occupation.encoding",
        message: expect.stringContaining("asks for num_buckets"),
        fix: 'idFeature("occupation").buckets(2)',
      }),
    );
  });
});
