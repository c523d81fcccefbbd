/** Each step gives a new frozen model, and refuses at the call what it can see is wrong. */
import { describe, expect, test } from "vitest";
import { modelFromSpec, pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import type { Tower } from "../../../src/core/builder/tower.js";
import { SpecError } from "../../../src/core/errors/index.js";
import { emptySpec } from "../../../src/core/spec/model.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { exampleModel } from "./example.js";

/** As a notebook without types would call it: every name goes through to the checks at run time. */
const untyped = (model: unknown): AnyModel => model as AnyModel;

const columns = (): AnyModel =>
  untyped(
    pepnet()
      .features(idFeature("user_id").buckets(100).embedding(8), idFeature("scene").buckets(3).embedding(4))
      .features(rawFeature("price"))
      .labels("clk", "buy"),
  );

const said = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(SpecError);
    return (error as SpecError).message;
  }
  throw new Error("nothing was thrown");
};

describe("steps", () => {
  test("build a model that validates, frozen through and through", () => {
    const { spec } = exampleModel();
    expect(validateSpec(spec)).toEqual([]);
    expect(spec.labels).toEqual(["clk", "buy", "scene"]);
    expect(spec.domains).toEqual({ column: "scene", count: 3, names: ["home", "search", "feed"] });
    const thaw = (value: unknown): unknown[] =>
      typeof value !== "object" || value === null
        ? []
        : [...(Object.isFrozen(value) ? [] : [value]), ...Object.values(value).flatMap(thaw)];
    expect(thaw(spec)).toEqual([]);
  });

  test("never change the model that they start from", () => {
    const start = pepnet();
    const next = start.features(rawFeature("price")).labels("clk");
    expect(start.spec).toBe(emptySpec);
    expect(next.spec.features).toHaveLength(1);
    expect(next.spec.towers).toBe(emptySpec.towers);
  });

  test("leave a group, and what was set before, as they were", () => {
    const model = columns().group("domain", ["scene"]).epnet({ hidden: 5 }).epnet({ gamma: 1 });
    expect(model.spec.epnet).toEqual({ hidden: 5, gamma: 1 });
    expect(model.spec.groups).toEqual([{ name: "domain", features: ["scene"], extra: {} }]);
  });

  test("a model of a spec goes on from there", () => {
    const model = modelFromSpec(exampleModel().spec).epnet({ gamma: 1 }).preset("paper");
    expect(model.spec.switches.gatePlacement).toBe("input");
    expect(model.preset("torcheasyrec").spec.switches).toEqual(emptySpec.switches);
    expect(model.spec.epnet.gamma).toBe(1);
  });

  test("domains join the label fields once", () => {
    expect(columns().domains("scene", 3).spec.labels).toEqual(["clk", "buy", "scene"]);
    expect(columns().labels("scene").domains("scene", 3).spec.labels).toEqual(["clk", "buy", "scene"]);
  });
});

describe("a tower", () => {
  const build = (make: (t: Tower<string>) => Tower<string>) =>
    columns().sampleWeights("w").tower("ctr", make).spec.towers[0];

  test("holds what its builder said", () => {
    expect(
      build((t) =>
        t
          .label("clk")
          .mlp(32, 16, { dropout: 0.1, activation: "nn.SiLU", batchNorm: true })
          .bce({ labelSmoothing: 0.1 })
          .auc({ thresholds: 1000 })
          .gauc("user_id")
          .accuracy()
          .normalizedEntropy()
          .taskSpace("buy", { in: 1, out: 0.5 })
          .weight(0.5)
          .sampleWeight("w"),
      ),
    ).toEqual({
      name: "ctr",
      label: "clk",
      numClass: 1,
      mlp: {
        hidden: [32, 16],
        dropout: [0.1],
        activation: "nn.SiLU",
        batchNorm: true,
        layerNorm: false,
        bias: true,
      },
      losses: [{ kind: "binary_cross_entropy", labelSmoothing: 0.1 }],
      metrics: [
        { kind: "auc", thresholds: 1000 },
        { kind: "grouped_auc", groupingKey: "user_id" },
        { kind: "accuracy", threshold: 0.5, topK: 1 },
        { kind: "normalized_entropy", eta: 1e-12 },
      ],
      weight: 0.5,
      sampleWeight: "w",
      taskSpace: { indicatorLabel: "buy", inWeight: 1, outWeight: 0.5 },
      extra: {},
    });
  });

  test("has the metrics of numbers for an L2 loss, and of classes for several", () => {
    const numeric = build((t) => t.label("clk").l2().mae().mse().xauc().xauc({ inBatch: true }).groupedXauc("user_id"));
    expect(numeric?.metrics).toEqual([
      { kind: "mean_absolute_error" },
      { kind: "mean_squared_error" },
      { kind: "xauc", sampleRatio: 0.001, maxPairs: null, inBatch: false },
      { kind: "xauc", sampleRatio: 0.001, maxPairs: null, inBatch: true },
      { kind: "grouped_xauc", groupingKey: "user_id", maxPairsPerGroup: 100 },
    ]);
    expect(build((t) => t.label("clk").softmax(3).multiclassAuc({ average: "weighted" }))?.metrics).toEqual([
      { kind: "multiclass_auc", thresholds: 200, average: "weighted" },
    ]);
  });

  test.each<[string, (t: Tower<string>) => Tower<string>, RegExp]>([
    ["xauc", (t) => t.bce().xauc(), /xauc needs a tower with l2_loss/],
    ["an error", (t) => t.bce().mse(), /mean_squared_error needs a tower with l2_loss/],
    ["multi-class AUC", (t) => t.bce().multiclassAuc(), /multiclass_auc needs several classes/],
    ["normalised entropy", (t) => t.softmax(2).normalizedEntropy(), /normalized_entropy needs one output/],
  ])("%s of another kind of tower is refused, as TorchEasyRec fails there", (_, tower, message) => {
    expect(() => build((t) => tower(t.label("clk") as Tower<string>))).toThrow(message);
  });

  test("takes hidden units as options, several losses, classes and no MLP", () => {
    expect(
      build((t) =>
        t
          .label("clk")
          .mlp({ hidden: [8, 4] })
          .bce(),
      )?.mlp?.hidden,
    ).toEqual([8, 4]);
    expect(build((t) => t.label("clk").bce().focal())?.losses).toHaveLength(2);
    expect(build((t) => t.label("clk").softmax(4))).toMatchObject({ numClass: 4, mlp: null });
    expect(build((t) => t.label("clk").l2())?.losses).toEqual([{ kind: "l2_loss" }]);
  });

  test("is refused with all that is wrong in it at once", () => {
    const message = said(() => build((t) => t.label("clicks").mlp(8, { activation: "relu" }).gauc("user")));
    expect(message).toContain('unknown label "clicks"');
    expect(message).toContain('unknown activation "relu"');
    expect(message).toContain('the tower "ctr" has no loss');
    expect(message).toContain('unknown feature "user"');
  });

  test("needs a label, a tower back, and numbers before options", () => {
    expect(said(() => build((t) => t.bce()))).toContain('the tower "ctr" has no label');
    expect(said(() => build(() => undefined as unknown as Tower<string>))).toContain("did not return a tower");
    expect(said(() => build((t) => t.label("clk").mlp({ dropout: 0.1 }, 8).bce()))).toContain(
      "followed by the options",
    );
    expect(
      said(() =>
        build((t) =>
          t
            .label("clk")
            .mlp(8, { hidden: [8] })
            .bce(),
        ),
      ),
    ).toContain("passed twice");
  });
});

describe("errors name the place, what came, what was expected and how to fix it", () => {
  test("an unknown feature in a group", () => {
    expect(said(() => columns().group("uia", ["user_id", "scen"]))).toMatchInlineSnapshot(`
      "groups.uia[1]: unknown feature "scen"
        received: "scen"
        expected: one of "user_id", "scene", "price"
        fix: did you mean "scene"?"
    `);
  });

  test("a duplicate tower", () => {
    const model = columns().tower("ctr", (t) => t.label("clk").bce());
    expect(said(() => model.tower("ctr", (t) => t.label("buy").bce()))).toMatchInlineSnapshot(`
      "towers.ctr: duplicate tower "ctr"
        received: .tower("ctr", …)
        expected: a name other than "ctr"
        fix: choose another name for each task, such as ctr and cvr"
    `);
  });

  test("a domain column with another number of buckets", () => {
    expect(said(() => columns().domains("scene", 5))).toMatchInlineSnapshot(`
      "domains.count: the number of buckets of the domain feature "scene" differs from the number of domains
        received: 5 domains, 3 buckets
        expected: the same number
        fix: .domains("scene", 3), or idFeature("scene").buckets(5)"
    `);
  });

  test("EPNet before its group", () => {
    expect(said(() => columns().epnet())).toMatchInlineSnapshot(`
      "groups.domain: EPNet needs the group "domain"
        received: no groups
        expected: a group "domain" before .epnet(…)
        fix: add .group("domain", [features that identify the domain]) first"
    `);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["a feature twice", () => columns().features(rawFeature("price")), /features\[3\]: duplicate feature "price"/],
    ["a label twice", () => columns().labels("clk"), /labels\[2\]: duplicate label "clk"/],
    ["a group twice", () => columns().group("uia", ["price"]).group("uia", ["scene"]), /duplicate group "uia"/],
    [
      "a feature twice in a group",
      () => columns().group("uia", ["price", "price"]),
      /groups\.uia\[1\]: duplicate feat/,
    ],
    ["an unknown group", () => columns().group("usr" as "uia", ["price"]), /unknown group "usr"/],
    ["an unknown domain column", () => columns().domains("scenes", 3), /did you mean "scene"\?/],
    ["a second domain column", () => columns().domains("scene", 3).domains("user_id", 100), /a second domain column/],
    ["PPNet before its group", () => columns().ppnet({ hidden: [8] }), /PPNet needs the group "uia"/],
    ["PPNet without layers", () => columns().group("uia", ["scene"]).ppnet({ hidden: [] }), /PPNet without layers/],
    [
      "an undeclared sample weight",
      () => columns().tower("a", (t) => t.label("clk").bce().sampleWeight("w")),
      /field "w"/,
    ],
    ["an unknown switch", () => columns().switches({ gatePlacment: "input" } as object), /mean "gatePlacement"\?/],
    [
      "a switch of a wrong value",
      () => columns().switches({ gatePlacement: "middle" as "input" }),
      /"output" or "input"/,
    ],
    [
      "a misspelt EPNet setting",
      () =>
        columns()
          .group("domain", ["scene"])
          .epnet({ gama: 1 } as object),
      /mean "gamma"/,
    ],
    [
      "a misspelt PPNet setting",
      () =>
        columns()
          .group("uia", ["scene"])
          .ppnet({ hidden: [8], droput: 0 } as never),
      /"dropout"/,
    ],
    [
      "a misspelt MLP setting",
      () => columns().tower("a", (t) => t.mlp(8, { batchnorm: true } as object)),
      /mean "batchNorm"/,
    ],
    ["a misspelt embedding setting", () => idFeature("a").embedding(8, { poling: "mean" } as object), /mean "pooling"/],
    ["an unknown preset", () => columns().preset("papre" as "paper"), /did you mean "paper"\?/],
  ])("%s", (_, act, expected) => {
    expect(said(act)).toMatch(expected);
  });
});
