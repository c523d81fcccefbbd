/** The types of studies: paths are those of the model, values fit them, and a typo is a red squiggle. */
import { describe, expect, test } from "vitest";
import { compilers, completions, diagnose, compiledFolder as folder } from "./compiler.js";

const start = `
import { pepnet } from "./api/model/model.js";
import type { AnyModel } from "./api/model/types.js";
import { idFeature } from "./core/builder/id-feature.js";
import { adam, rowwiseAdagrad } from "./core/builder/optimizers.js";
const model = pepnet()
  .features(idFeature("user_id").buckets(100).embedding(8), idFeature("scene").buckets(3).embedding(4))
  .labels("clk")
  .group("domain", ["scene"])
  .group("uia", ["user_id"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", 3)
  .tower("ctr", (t) => t.label("clk").mlp(8).bce());
declare const opened: AnyModel;
const train = { user_id: [1], scene: [0], clk: [0] };
`;

const whole = `${start}
export async function studies() {
  const grid = await model.ablate(train, {
    variants: {
      "epnet.gamma": [1, 2, 4],
      "epnet.hidden": [8, null],
      "ppnet.hidden": [[8], [16, 8]],
      "ppnet.dropout": [0.1, [0.1]],
      "switches.gatePlacement": ["input"],
      "switches.stopGradient": [false],
      "train.batchSize": [256],
      "train.dense": [adam(1e-3)],
      "train.sparse": [rowwiseAdagrad(0.1)],
      "train.dense.lr": [1e-3],
      "train.emaDecay": [null, 0.99],
      "groups.uia": [["user_id", "scene"]],
      "towers.ctr.mlp.hidden": [[4]],
      "towers.*.weight": [2],
      "features.user_id.embeddingDim": [4],
      "features.*.pooling": ["mean"],
      "wider towers": (m) => m.tower("extra", (t) => t.label("clk").mlp(8).bce()),
    },
    seeds: [1, 2],
    design: "one-at-a-time",
    budget: "10m",
    tasks: ["ctr"],
  });
  const plan = await model.plan(train, { question: "Does EPNet help?", folder: "s", tasks: ["ctr"], variants: { "switches.epnet": [false] } });
  const more = await plan.explore({ "epnet.gamma": [8], mine: (m) => m.epnet({ gamma: 3 }) });
  const listed = await plan.explore([{ "epnet.gamma": 8 }]);
  const other = await (await opened.plan(train, { question: "q", folder: "s", variants: { mine: (m) => m.epnet() } })).explore({ "epnet.gamma": [1] });
  const list = await model.ablate(train, { variants: [{ "epnet.gamma": 1, name: "soft" }, { change: (m) => m.epnet({ gamma: 3 }) }], seeds: { atMost: 20 } });
  const any = await opened.ablate(train, { variants: { "towers.anything.weight": [2], "features.x.embeddingDim": [4], mine: (m) => m.epnet() } });
  const names: string[] = ["epnet.gamma"];
  const late = await model.ablate(train, { variants: Object.fromEntries(names.map((name) => [name, [1, 4]])) });
  const kind: "better" | "worse" | "equivalent" | "no difference beyond noise" | "undecided" = grid.difference("wider towers", "ctr")!.verdict.kind;
  return [plan.question, more.seeds, listed.seeds, other.seeds, await list.conclusions(), any.seeds, late.level, kind];
}
`;

const mistakes: readonly (readonly [what: string, code: string, message: string])[] = [
  [
    "a misspelt path",
    `model.ablate(train, { variants: { "epnet.gama": [1, 2] } });`,
    "the model has no setting 'epnet.gama'",
  ],
  [
    "a value of another type",
    `model.ablate(train, { variants: { "epnet.gamma": ["1"] } });`,
    "'string' is not assignable to type 'number'",
  ],
  ["a value that is no list", `model.ablate(train, { variants: { "epnet.gamma": 1 } });`, "'number' is not assignable"],
  [
    "another model's tower",
    `model.ablate(train, { variants: { "towers.cvr.weight": [1] } });`,
    "no setting 'towers.cvr.weight'",
  ],
  [
    "another model's feature",
    `model.ablate(train, { variants: { "features.item.embeddingDim": [1] } });`,
    "no setting 'features.item",
  ],
  [
    "an unknown feature in a group",
    `model.ablate(train, { variants: { "groups.uia": [["item"]] } });`,
    `'"item"' is not assignable`,
  ],
  [
    "a switch's other value",
    `model.ablate(train, { variants: { "switches.gatePlacement": ["inputs"] } });`,
    `"inputs"`,
  ],
  ["the seed as a setting", `model.ablate(train, { variants: { "train.seed": [1] } });`, "no setting 'train.seed'"],
  [
    "a dense optimiser for the tables",
    `model.ablate(train, { variants: { "train.dense": [rowwiseAdagrad(1)] } });`,
    "toDense",
  ],
  ["a step that is none, in a change", `model.ablate(train, { variants: { mine: (m) => m.epnett() } });`, "epnett"],
  [
    "a change that gives no model",
    `model.ablate(train, { variants: { mine: (m) => 1 } });`,
    "'number' is not assignable",
  ],
  ["a list with a misspelt path", `model.ablate(train, { variants: [{ "epnet.gama": 1 }] });`, "epnet.gama"],
  [
    "a limit of seeds under another name",
    `model.ablate(train, { variants: { "epnet.gamma": [1] }, seeds: { most: 5 } });`,
    "most",
  ],
  ["a design that is none", `model.ablate(train, { variants: { "epnet.gamma": [1] }, design: "gird" });`, "gird"],
  ["another model's task", `model.ablate(train, { variants: { "epnet.gamma": [1] }, tasks: ["cvr"] });`, `'"cvr"'`],
  [
    "a misspelt path in a plan's exploration",
    `model.plan(train, { question: "q", folder: "s", variants: { "epnet.gamma": [1] } }).then((plan) => plan.explore({ "epnet.gama": [1] }));`,
    "no setting 'epnet.gama'",
  ],
  ["no data", `model.ablate({ variants: { "epnet.gamma": [1] } });`, "Expected 2 arguments"],
  [
    "a misspelt path of a model whatever its names",
    `opened.ablate(train, { variants: { "epnet.gama": [1] } });`,
    "no setting 'epnet.gama'",
  ],
];

for (const [name, ts] of Object.entries(compilers)) {
  for (const strict of [true, false]) {
    describe(`${name}, ${strict ? "strict" : "not strict"}`, () => {
      test("studies of every kind compile", () => {
        expect(diagnose(ts, folder, whole, { strict })).toEqual([]);
      });

      test("every mistake is one error, which says what is wrong", () => {
        const snippet = `${start}\n${mistakes.map(([, code]) => code).join("\n")}\nexport {};`;
        const said = diagnose(ts, folder, snippet, { strict });
        const missing = mistakes.filter(([, , message], at) => !said[at]?.includes(message)).map(([what]) => what);
        expect(missing).toEqual([]);
        expect(said).toHaveLength(mistakes.length);
      });

      test("tab offers the model's settings", () => {
        const offered = completions(ts, folder, `${start}\nmodel.ablate(train, { variants: { "▮": [1] } });`, strict);
        const names = offered.map((entry) => entry.replace(/"/g, ""));
        expect(names).toContain("epnet.gamma");
        expect(names).toContain("towers.ctr.weight");
        expect(names).toContain("features.scene.embeddingDim");
      });
    });
  }
}
