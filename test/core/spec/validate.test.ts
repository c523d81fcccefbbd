/** A complete model's faults are all found at once, each with its place. */
import { describe, expect, test } from "vitest";
import { SpecError } from "../../../src/core/errors/index.js";
import type { FeatureSpec } from "../../../src/core/spec/feature/feature.js";
import { emptySpec, type ModelSpec, type TowerSpec } from "../../../src/core/spec/model.js";
import type { TrainingSpec } from "../../../src/core/spec/training.js";
import { assertValid, structureProblems, validateSpec } from "../../../src/core/spec/validate/model.js";
import { unsupportedProblems } from "../../../src/core/spec/validate/unsupported.js";
import { specWarnings } from "../../../src/core/spec/validate/warnings.js";
import { exampleModel } from "../builder/example.js";

const good = exampleModel().spec;

const changedFeature = (index: number, change: object): ModelSpec => ({
  ...good,
  features: good.features.map((feature, i) => (i === index ? ({ ...feature, ...change } as FeatureSpec) : feature)),
});
const changedTower = (change: Partial<TowerSpec>): ModelSpec => ({
  ...good,
  towers: good.towers.map((tower, i) => (i === 0 ? { ...tower, ...change } : tower)),
});
const changedTraining = (change: Partial<TrainingSpec>): ModelSpec => ({
  ...good,
  training: { ...good.training, ...change },
});
const mlp = good.towers[0]!.mlp!;

const faults: readonly (readonly [what: string, spec: ModelSpec, path: string, said: RegExp])[] = [
  [
    "no features",
    { ...good, features: [], groups: [], domains: null, ppnet: { ...good.ppnet, hidden: [] } },
    "features",
    /no features/,
  ],
  ["a feature twice", { ...good, features: [...good.features, good.features[0]!] }, "features[4]", /duplicate feature/],
  ["an embedding dim of 0", changedFeature(0, { embeddingDim: 0 }), "features.user_id.embeddingDim", /out of range/],
  [
    "an empty vocabulary",
    changedFeature(0, { encoding: { kind: "vocabList", values: [] } }),
    "features.user_id.encoding.values",
    /empty/,
  ],
  [
    "a vocabulary with a value twice",
    changedFeature(0, { encoding: { kind: "vocabList", values: ["a", "b", "a"] } }),
    "features.user_id.encoding.values[2]",
    /duplicate vocabulary value "a"/,
  ],
  [
    "a default bucket beyond the table",
    changedFeature(0, { defaultBucket: 100 }),
    "features.user_id.defaultBucket",
    /out of range/,
  ],
  [
    "boundaries without a dim",
    changedFeature(3, { boundaries: [1, 2] }),
    "features.price.embeddingDim",
    /boundaries without/,
  ],
  ["a dim without boundaries", changedFeature(3, { embeddingDim: 4 }), "features.price.embeddingDim", /without bound/],
  [
    "boundaries equal as float32",
    changedFeature(3, { boundaries: [1, 1 + 1e-9], embeddingDim: 4 }),
    "features.price.boundaries[1]",
    /ascend/,
  ],
  [
    "a shared table of two sizes",
    { ...changedFeature(2, { embeddingName: "user_id_emb" }) },
    "features.item_id",
    /another size/,
  ],
  ["an unknown pooling", changedFeature(0, { pooling: "max" }), "features.user_id.pooling", /unknown pooling/],
  [
    "an unknown feature in a group",
    { ...good, groups: [{ name: "domain", features: ["scenes"], extra: {} }, good.groups[1]!] },
    "groups.domain[0]",
    /unknown feature "scenes"/,
  ],
  [
    "a group without features",
    { ...good, groups: [{ name: "domain", features: [], extra: {} }, good.groups[1]!] },
    "groups.domain",
    /without features/,
  ],
  ["a group twice", { ...good, groups: [...good.groups, good.groups[0]!] }, "groups[2]", /duplicate group/],
  ["uia without hidden units", { ...good, ppnet: { ...good.ppnet, hidden: [] } }, "ppnet.hidden", /no hidden units/],
  [
    "a wrong number of dropout ratios",
    { ...good, ppnet: { ...good.ppnet, dropout: [0.1, 0.1, 0.1] } },
    "ppnet.dropout",
    /wrong number of dropout ratios/,
  ],
  ["dropout of 1", { ...good, ppnet: { ...good.ppnet, dropout: [1] } }, "ppnet.dropout[0]", /out of range/],
  [
    "an unknown activation",
    { ...good, ppnet: { ...good.ppnet, activation: "nn.Rleu" } },
    "ppnet.activation",
    /unknown activation/,
  ],
  ["a gamma of 0", { ...good, epnet: { ...good.epnet, gamma: 0 } }, "epnet.gamma", /out of range/],
  ["a domain column that is no label field", { ...good, labels: ["clk", "buy"] }, "labels", /also be a label field/],
  [
    "names that do not fit the count",
    { ...good, domains: { column: "scene", count: 3, names: ["a", "b"] } },
    "domains.names",
    /number of names differs/,
  ],
  ["no towers", { ...good, towers: [] }, "towers", /no towers/],
  ["a tower twice", { ...good, towers: [good.towers[0]!, good.towers[0]!] }, "towers[1]", /duplicate tower/],
  ["a tower without a loss", changedTower({ losses: [] }), "towers.ctr.losses", /no loss/],
  ["an unknown label", changedTower({ label: "click" }), "towers.ctr.label", /unknown label/],
  [
    "softmax over one class",
    changedTower({ losses: [{ kind: "softmax_cross_entropy", labelSmoothing: 0 }] }),
    "towers.ctr.numClass",
    /two classes/,
  ],
  ["binary cross entropy over three", changedTower({ numClass: 3, metrics: [] }), "towers.ctr.numClass", /one output/],
  ["an MLP without layers", changedTower({ mlp: { ...mlp, hidden: [] } }), "towers.ctr.mlp.hidden", /without layers/],
  [
    "batch and layer norm together",
    changedTower({ mlp: { ...mlp, batchNorm: true, layerNorm: true } }),
    "towers.ctr.mlp",
    /together/,
  ],
  [
    "an unknown grouping key",
    changedTower({ metrics: [{ kind: "grouped_auc", groupingKey: "userid" }] }),
    "towers.ctr.metrics[0].groupingKey",
    /unknown feature/,
  ],
  [
    "one threshold",
    changedTower({ metrics: [{ kind: "auc", thresholds: 1 }] }),
    "towers.ctr.metrics[0].thresholds",
    /range/,
  ],
  [
    "an undeclared sample weight",
    changedTower({ sampleWeight: "w" }),
    "towers.ctr.sampleWeight",
    /unknown sample weight/,
  ],
  [
    "an unknown task space",
    changedTower({ taskSpace: { indicatorLabel: "click", inWeight: 1, outWeight: 0 } }),
    "towers.ctr.taskSpace.indicatorLabel",
    /unknown label/,
  ],
  [
    "a task space that weighs nothing",
    changedTower({ taskSpace: { indicatorLabel: "clk", inWeight: 0, outWeight: 0 } }),
    "towers.ctr.taskSpace",
    /learns nothing/,
  ],
  ["epochs and steps", changedTraining({ steps: 10 }), "training", /both set/],
  ["a batch of half a row", changedTraining({ batchSize: 0.5 }), "training.batchSize", /out of range/],
  [
    "a learning rate that is no number",
    changedTraining({ dense: { ...good.training.dense, lr: Number.NaN } }),
    "training.dense.lr",
    /out of range/,
  ],
  [
    "a pattern that is no regular expression",
    changedTraining({
      partOptimizers: [{ pattern: "(", optimizer: good.training.dense, learningRate: { kind: "constant" } }],
    }),
    "training.partOptimizers[0].pattern",
    /regular expression/i,
  ],
  [
    "schedules of different lengths",
    changedTraining({
      denseLearningRate: {
        kind: "manual_step",
        scheduleSizes: [1, 2],
        learningRates: [0.1],
        warmup: false,
        byEpoch: false,
      },
    }),
    "training.denseLearningRate",
    /numbers of learning rates and schedule sizes differ/,
  ],
];

describe("validateSpec", () => {
  test("finds nothing in a sound model", () => {
    expect(validateSpec(good)).toEqual([]);
    expect(specWarnings(good)).toEqual([]);
    expect(() => assertValid(good)).not.toThrow();
  });

  test.each(faults)("finds %s, and that alone", (_, spec, path, said) => {
    const problems = validateSpec(spec);
    const here = problems.filter((problem) => problem.path === path);
    expect([...new Set(problems.map((problem) => problem.path))]).toEqual([path]);
    expect(here.map((problem) => problem.message).join("\n")).toMatch(said);
    for (const problem of here) expect(problem.received, "says what came").toBeDefined();
  });

  test("finds everything at once, in one error", () => {
    const broken: ModelSpec = {
      ...changedTower({ label: "click", losses: [] }),
      ppnet: { ...good.ppnet, activation: "relu", dropout: [0.1, 0.2, 0.3] },
      training: { ...good.training, steps: 10, batchSize: 0 },
    };
    const paths = validateSpec(broken).map((problem) => problem.path);
    expect(paths.sort()).toEqual([
      "ppnet.activation",
      "ppnet.dropout",
      "towers.ctr.label",
      "towers.ctr.losses",
      "training",
      "training.batchSize",
    ]);
    const error = (() => {
      try {
        assertValid(broken);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(SpecError);
    expect((error as SpecError).problems).toHaveLength(6);
    expect((error as SpecError).message).toContain('did you mean "nn.ReLU"?');
  });

  test("the empty model lacks features and towers, and nothing else", () => {
    expect(validateSpec(emptySpec).map((problem) => problem.path)).toEqual(["features", "towers"]);
  });

  test("activations may carry arguments, and an empty one is the identity", () => {
    for (const activation of ["nn.LeakyReLU(negative_slope=0.2)", "nn.Softplus", ""]) {
      expect(validateSpec({ ...good, ppnet: { ...good.ppnet, activation } })).toEqual([]);
    }
  });
});

describe("what TorchEasyRec has and this engine does not", () => {
  const spec: ModelSpec = {
    ...changedTower({ losses: [{ kind: "other", field: "recon_loss", config: {} }] }),
    features: [
      { ...good.features[0]!, extra: { asset_dir: "x", trainable: true } } as FeatureSpec,
      ...good.features.slice(1),
      { kind: "other", name: "match", field: "match_feature", config: {} },
    ],
    training: { ...good.training, sparse: { kind: "other", field: "lamb_optimizer", config: {} } },
  };

  test("is refused by name when built", () => {
    expect(unsupportedProblems(spec).map(({ path, message }) => `${path}: ${message.split(" ")[0]}`)).toEqual([
      "features.user_id.asset_dir: asset_dir",
      "features.match: match_feature",
      "towers.ctr.losses[0]: recon_loss",
      "training.sparse: lamb_optimizer",
    ]);
    expect(validateSpec(spec)).toHaveLength(4);
  });

  test("is let be where no group uses it", () => {
    const all = { name: "all" as const, features: ["scene", "item_id", "price"], extra: {} };
    const unused = {
      ...good,
      features: spec.features,
      groups: [good.groups[0]!, all],
      ppnet: { ...good.ppnet, hidden: [] },
    };
    expect(unsupportedProblems(unused)).toEqual([]);
  });

  test("is sound as a description, so that the config can be printed", () => {
    expect(structureProblems(spec)).toEqual([]);
  });
});

describe("specWarnings", () => {
  test("hidden units without the group uia: TorchEasyRec leaves PPNet out, and so does this library", () => {
    const spec = { ...good, groups: [good.groups[0]!] };
    expect(validateSpec(spec)).toEqual([]);
    expect(specWarnings(spec).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'ppnet: PPNet is off, with its layers: the group "uia" is missing',
    ]);
  });

  test("the weight decay of row-wise Adagrad, which FBGEMM applies on GPUs only", () => {
    const sparse = {
      kind: "rowwise_adagrad",
      lr: 0.1,
      weightDecay: 0.01,
      weightDecayMode: "L2",
      maxGradient: null,
    } as const;
    const decayed = (change: object) =>
      specWarnings({ ...good, training: { ...good.training, sparse: { ...sparse, ...change } } });
    expect(decayed({}).map(({ message }) => message)).toEqual([
      'applied here, as TorchEasyRec does on GPUs; on a CPU it ignores this weight decay (to follow it: .train({ like: "torcheasyrec" }))',
    ]);
    expect(decayed({ weightDecayMode: "NONE" })).toEqual([]);
    expect(decayed({ weightDecay: 0 })).toEqual([]);
  });

  test("advises EPNet's hidden unit between dim(domain) and dim(all)", () => {
    const [warning] = specWarnings({ ...good, epnet: { hidden: 64, gamma: 2 } });
    expect(warning).toMatchObject({ path: "epnet.hidden", expected: "between dim(domain) = 4 and dim(all) = 21" });
    expect(specWarnings({ ...good, epnet: { hidden: 4, gamma: 2 } })).toEqual([]);
    expect(specWarnings({ ...good, epnet: { hidden: 21, gamma: 2 } })).toEqual([]);
  });

  test("metrics that PEPNet does not compute in TorchEasyRec either are refused before training, by name", () => {
    const spec = changedTower({ metrics: [{ kind: "other", field: "recall_at_k", config: {} }] });
    expect(structureProblems(spec)).toEqual([]);
    expect(validateSpec(spec).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "towers.ctr.metrics[0]: PEPNet does not compute recall_at_k, here and in TorchEasyRec: it stops when the model is built",
    ]);
  });

  test("tells of features in no group, idle towers and a domain feature of another size", () => {
    const spec: ModelSpec = {
      ...changedTower({ weight: 0 }),
      groups: [...good.groups, { name: "all", features: ["user_id", "scene"], extra: {} }],
      domains: { column: "scene", count: 2, names: null },
    };
    expect(validateSpec(spec)).toEqual([]);
    expect(specWarnings(spec).map(({ path, received }) => [path, received])).toEqual([
      ["groups.all", '"price"'],
      ["towers.ctr.weight", "0"],
      ["domains.count", "2 domains, 3 buckets"],
    ]);
  });
});
