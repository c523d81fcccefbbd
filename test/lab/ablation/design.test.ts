/** Which models a study trains. */
import { describe, expect, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { adam, rowwiseAdagrad } from "../../../src/core/builder/optimizers.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { pooling } from "../../../src/core/builder/sequences.js";
import { PepnetError, SpecError } from "../../../src/core/errors/index.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import {
  type Axes,
  applySetting,
  type DesignKind,
  designOf,
  wantedVariants,
} from "../../../src/lab/ablation/design.js";
import { effectiveSpec } from "../../../src/lab/ablation/effective-spec.js";
import { prototypeNames } from "../../faults/fuzz/fuzzing.js";

const model = pepnet()
  .features(
    idFeature("user_id").buckets(100).embedding(8),
    idFeature("shop.id").buckets(10).embedding(4),
    idFeature("scene").buckets(2).embedding(4),
    rawFeature("price"),
  )
  .labels("clk", "buy")
  .group("domain", ["scene"])
  .group("uia", ["user_id", "shop.id"])
  .epnet({ gamma: 2 })
  .ppnet({ hidden: [16, 8] })
  .domains("scene", 2)
  .tower("ctr", (t) => t.label("clk").mlp(8).bce())
  .tower("cvr", (t) => t.label("buy").bce().taskSpace("clk", { in: 1, out: 0 }));
const { spec } = model;

const names = (axes: Axes, kind: DesignKind = "grid"): string[] =>
  designOf(spec, wantedVariants(axes, kind)).variants.map(({ name }) => name);

describe("effective specs", () => {
  test("the width of a feature that only a sequence reads makes another model", () => {
    const clicks = (dim: number) =>
      pepnet()
        .features(
          idFeature("item").buckets(9).embedding(4),
          idFeature("clicks").buckets(9).embedding(dim).sequence({ length: 5 }),
        )
        .labels("clk")
        .group("all", ["item"], { sequences: [pooling(["clicks"], {})] })
        .tower("ctr", (t) => t.label("clk").bce());
    expect(effectiveSpec(clicks(4).spec)).toEqual(effectiveSpec(clicks(4).spec));
    expect(effectiveSpec(clicks(4).spec)).not.toEqual(effectiveSpec(clicks(8).spec));
  });
});

describe("designs", () => {
  test("a grid has every combination but the model itself, which is the baseline", () => {
    const {
      model: base,
      variants,
      notes,
    } = designOf(spec, wantedVariants({ "epnet.gamma": [1, 2], "ppnet.gamma": [2, 4] }, "grid"));
    expect(base.spec).toBe(spec);
    expect(variants.map(({ name }) => name)).toEqual([
      "epnet.gamma 1, ppnet.gamma 2",
      "epnet.gamma 1, ppnet.gamma 4",
      "epnet.gamma 2, ppnet.gamma 4",
    ]);
    expect(variants[1]!.spec.epnet.gamma).toBe(1);
    expect(variants[1]!.spec.ppnet.gamma).toBe(4);
    expect(notes).toEqual(["left out: epnet.gamma 2, ppnet.gamma 2 is the model itself"]);
  });

  test("one at a time leaves everything else as it is in the model", () => {
    expect(names({ "epnet.gamma": [1, 4], "ppnet.hidden": [[8], [16, 8]] }, "one-at-a-time")).toEqual([
      "epnet.gamma 1",
      "epnet.gamma 4",
      "ppnet.hidden [8]",
    ]);
  });

  test("a change of one's own is a variant beside the grid", () => {
    const wider = () => (model as AnyModel).ppnet({ hidden: [32, 8] }).spec;
    expect(names({ "epnet.gamma": [1], wider })).toEqual(["epnet.gamma 1", "wider"]);
  });

  test("what computes the same as another variant is left out with a note", () => {
    const again = () => (model as AnyModel).epnet({ gamma: 1 }).spec;
    const { variants, notes } = designOf(spec, wantedVariants({ "epnet.gamma": [1, 1], again }, "grid"));
    expect(variants).toHaveLength(1);
    expect(notes).toEqual([
      'left out: epnet.gamma 1 is "epnet.gamma 1" itself',
      'left out: again is "epnet.gamma 1" itself',
    ]);
  });

  test("settings of a module that is off, and names for people, make no variant", () => {
    const off = (model as AnyModel).switches({ epnet: false, ppnet: false }).spec;
    const inert = { "epnet.gamma": [1], "ppnet.gamma": [1], "epnet.hidden": [3], "switches.stopGradient": [false] };
    const wanted = wantedVariants({ ...inert, "train.batchSize": [64] }, "one-at-a-time");
    const { variants, notes } = designOf(off, wanted);
    expect(variants.map(({ name }) => name)).toEqual(["train.batchSize 64"]);
    expect(notes).toHaveLength(4);
    const renamed = { ...spec, domains: { ...spec.domains!, names: ["feed", "search"] } };
    expect(() => designOf(spec, [{ name: "renamed", settings: {}, change: () => renamed }])).toThrow(
      /nothing to compare[\s\S]*renamed is the model itself/,
    );
  });

  test("variants that look alike are numbered", () => {
    const list = [adam(0.1, { beta1: 0.5 }), adam(0.1, { beta1: 0.6 })].map((dense) => ({
      settings: { "train.dense": dense },
    }));
    expect(designOf(spec, list).variants.map(({ name }) => name)).toEqual([
      "train.dense adam(0.1)",
      "train.dense adam(0.1) (2)",
    ]);
  });
});

describe("settings by path", () => {
  test.each([
    ["epnet.hidden", 7, (s: ModelSpec) => s.epnet.hidden, 7],
    ["ppnet.dropout", 0.1, (s: ModelSpec) => s.ppnet.dropout, [0.1]],
    ["switches.gatePlacement", "input", (s: ModelSpec) => s.switches.gatePlacement, "input"],
    ["train.batchSize", 64, (s: ModelSpec) => s.training.batchSize, 64],
    ["train.steps", 5, (s: ModelSpec) => [s.training.steps, s.training.epochs], [5, null]],
    ["train.sparse", rowwiseAdagrad(0.1), (s: ModelSpec) => s.training.sparse.kind, "rowwise_adagrad"],
    ["train.dense.lr", 0.1, (s: ModelSpec) => s.training.dense.lr, 0.1],
    ["groups.uia", ["user_id"], (s: ModelSpec) => s.groups.find((g) => g.name === "uia")!.features, ["user_id"]],
    ["towers.ctr.mlp.hidden", [4, 2], (s: ModelSpec) => s.towers[0]!.mlp!.hidden, [4, 2]],
    ["towers.*.weight", 0.5, (s: ModelSpec) => s.towers.map((t) => t.weight), [0.5, 0.5]],
    ["towers.*.mlp.batchNorm", true, (s: ModelSpec) => s.towers.map((t) => t.mlp?.batchNorm), [true, undefined]],
    ["towers.cvr.taskSpace.outWeight", 0.1, (s: ModelSpec) => s.towers[1]!.taskSpace!.outWeight, 0.1],
    [
      "features.shop.id.embeddingDim",
      2,
      (s: ModelSpec) => s.features.map((f) => "embeddingDim" in f && f.embeddingDim),
      [8, 2, 4, null],
    ],
    [
      "features.*.embeddingDim",
      2,
      (s: ModelSpec) => s.features.map((f) => "embeddingDim" in f && f.embeddingDim),
      [2, 2, 2, null],
    ],
  ] as const)("%s", (path, value, read, expected) => {
    expect(read(applySetting(spec, path, value))).toEqual(expected);
    expect(Object.isFrozen(applySetting(spec, path, value))).toBe(true);
  });

  test("of a name that begins with another one change that alone, in either order", () => {
    const [tower] = spec.towers;
    const named = ["ctr", "ctr.mlp"].map((name) => ({ ...tower!, name }));
    for (const towers of [named, [...named].reverse()]) {
      const changed = applySetting({ ...spec, towers }, "towers.ctr.mlp.weight", 0.25);
      expect(Object.fromEntries(changed.towers.map(({ name, weight }) => [name, weight]))).toEqual({
        ctr: tower!.weight,
        "ctr.mlp": 0.25,
      });
    }
  });

  test.each([
    ["epnet.gama", 1, /"epnet.gama"[\s\S]*did you mean "gamma"/],
    ["epent.gamma", 1, /did you mean "epnet"/],
    ["switches.gatePlacment", "input", /did you mean "gatePlacement"/],
    ["switches.gatePlacement", "inputs", /"output" or "input"/],
    ["train.batchsize", 64, /did you mean "batchSize"/],
    ["train.seed", 3, /seeds: \[1, 2, 3\]/],
    ["train.dense.rate", 3, /one of lr/],
    ["towers.crt.weight", 1, /did you mean "ctr"/],
    ["towers.cvr.mlp.hidden", [4], /towers.cvr has no mlp to change/],
    ["towers.ctr.name", "x", /no setting/],
    ["features.user_di.embeddingDim", 4, /did you mean "user_id"/],
    ["groups.users", ["user_id"], /one of domain, uia/],
    ["gamma", 1, /one of epnet, ppnet/],
  ] as const)("%s that leads nowhere is refused", (path, value, message) => {
    expect(() => applySetting(spec, path, value)).toThrow(message);
  });

  test("names of members of objects, and values of any kind, are refused or make a sound model", () => {
    const parts = ["epnet", "ppnet", "switches", "train", "train.dense", "train.sparse", "groups", "towers.ctr"];
    const roots = [...parts, "towers.*", "towers.*.mlp", "features.user_id", "features.*", "groups.uia"];
    const members = prototypeNames.flatMap((name) => ["", ...roots.map((root) => `${root}.`)].map((at) => at + name));
    for (const path of members.flatMap((member) => [member, `${member}.x`])) {
      expect(() => applySetting(spec, path, 1), path).toThrow(SpecError);
    }
    const { epnet, ppnet, switches, training, towers, features } = spec;
    const tower = { "towers.ctr": towers[0] as object, "features.user_id": features[0] as object };
    const settings = Object.entries<object>({ epnet, ppnet, switches, train: training, ...tower }).flatMap(
      ([root, object]) => [root, ...Object.keys(object).map((name) => `${root}.${name}`)],
    );
    for (const path of [...settings, ...parts, "towers", "features", "groups.uia", "train.dense.lr"]) {
      for (const value of [
        null,
        true,
        0,
        -1,
        Number.NaN,
        1e300,
        "",
        "x",
        [],
        {},
        [null],
        [[]],
        { kind: "manual_step" },
      ]) {
        try {
          names({ [path]: [value] });
        } catch (error) {
          expect(error, `${path}: ${JSON.stringify(value)}`).toBeInstanceOf(PepnetError);
        }
      }
    }
  });

  test("a grid of too many variants is refused before it is made", () => {
    const axes = Object.fromEntries(
      ["a", "b", "c", "d", "e"].map((name) => [name, Array.from({ length: 100 }, (_, at) => at)]),
    );
    expect(() => wantedVariants(axes, "grid")).toThrow(/10,000,000,000 combinations[\s\S]*at most 10,000/);
    expect(wantedVariants(axes, "one-at-a-time")).toHaveLength(500);
  });

  test("a value that makes no sound model names its variant and place", () => {
    expect(() => names({ "ppnet.hidden": [[]], "epnet.gamma": [1] }, "one-at-a-time")).toThrow(
      /variant "ppnet.hidden \[\]": ppnet.hidden/,
    );
    expect(() => names({ "groups.uia": [["user_idd"]] })).toThrow(/variant "groups.uia \[user_idd\]": groups.uia/);
  });

  test("a function that gives no model back, or stands under a path, is refused", () => {
    expect(() => names({ broken: (() => undefined) as never })).toThrow(
      /variant "broken": the function did not return a model/,
    );
    expect(() => names({ "epnet.gamma": (() => spec) as never })).toThrow(/a function under a setting's path/);
  });
});
