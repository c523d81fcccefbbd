/** The fluent model's types: what a reader writes compiles, and a typo is a red squiggle that says what is wrong. */
import { describe, expect, test } from "vitest";
import { compilers, completions, diagnose, compiledFolder as folder } from "./compiler.js";

const imports = `
import { pepnet } from "./api/model/model.js";
import type { AnyModel, Model } from "./api/model/types.js";
import { comboFeature } from "./core/builder/combo-feature.js";
import { idFeature } from "./core/builder/id-feature.js";
import { cosine } from "./core/builder/learning-rates.js";
import { adagrad, adam, adamw, rowwiseAdagrad } from "./core/builder/optimizers.js";
import { rawFeature } from "./core/builder/raw-feature.js";
`;

const start = `${imports}
const columns = pepnet()
  .features(idFeature("user_id").buckets(100).embedding(8), idFeature("scene").buckets(3).embedding(4))
  .features(rawFeature("price"), comboFeature("cross", ["user:age", "item:brand"]).hash(10).embedding(2))
  .labels("clk", "buy");
const grouped = columns.group("domain", ["scene"]).group("uia", ["user_id"]);
`;

const complete = `${start}
const model = grouped
  .epnet({ gamma: 2 })
  .ppnet({ hidden: [64, 32], dropout: 0.1 })
  .domains("scene", ["home", "search", "feed"])
  .sampleWeights("w")
  .tower("ctr", (t) => t.label("clk").mlp(32, 16).bce().auc().gauc("user_id"))
  .tower("cvr", (t) => t.label("buy").mlp(32, 16, { dropout: 0.1 }).focal().taskSpace("clk", { in: 1, out: 0 }))
  .train({ epochs: 1, dense: adam(1e-3), sparse: adagrad(0.05), denseLearningRate: cosine({ over: 100 }) });
`;

/** Lines that must not compile, and what the message must hold. */
const mistakes: readonly (readonly [what: string, code: string, message: string])[] = [
  [
    "an unknown feature in a group",
    `columns.group("domain", ["scen"]);`,
    `'"scen"' is not assignable to type '"user_id"`,
  ],
  ["a group before any feature", `pepnet().group("domain", ["scene"]);`, "add .features(…) first"],
  ["a group a second time", `grouped.group("domain", ["user_id"]);`, "'domain' is there already"],
  ["a group that PEPNet does not know", `columns.group("domian", ["scene"]);`, '"domain"'],
  ["epnet before its group", `columns.epnet({ gamma: 1 });`, 'add .group(\\"domain\\", [...]) first'],
  ["epnet without arguments before its group", `columns.epnet();`, "Expected 1 arguments, but got 0"],
  ["ppnet before its group", `columns.ppnet({ hidden: [8] });`, 'add .group(\\"uia\\", [...]) first'],
  ["an unknown label in a tower", `columns.tower("ctr", (t) => t.label("clik"));`, `'"clik"' is not assignable`],
  ["a tower before any label", `pepnet().tower("ctr", (t) => t.label("clk"));`, "add .labels(…) first"],
  ["an unknown task space", `columns.tower("a", (t) => t.label("buy").taskSpace("cilck"));`, `'"cilck"'`],
  ["an unknown grouping key", `columns.tower("a", (t) => t.label("buy").gauc("user"));`, `'"user"'`],
  ["a tower a second time", `model.tower("ctr", (t) => t.label("clk"));`, "'ctr' is there already"],
  ["a feature a second time", `columns.features(idFeature("user_id"));`, "'user_id' is there already"],
  ["a label a second time", `columns.labels("clk");`, "'clk' is there already"],
  ["an unknown domain column", `columns.domains("scnee", 3);`, `'"scnee"' is not assignable`],
  ["a domain column before any feature", `pepnet().domains("scene", 3);`, "add .features(…) first"],
  ["a second domain column", `model.domains("user_id", 100);`, ".domains(…) was called already"],
  ["a sparse optimiser for the dense side", `columns.train({ dense: rowwiseAdagrad(0.1) });`, "toDense"],
  ["a dense optimiser for the tables", `columns.train({ sparse: adamw(0.1) });`, "toSparse"],
  ["a misspelt setting", `columns.train({ epoch: 1 });`, "'epoch'"],
  ["an unknown switch", `columns.switches({ gatePlacment: "input" });`, "gatePlacement"],
  ["an unknown preset", `columns.preset("papre");`, "PresetName"],
  ["buckets on a number", `rawFeature("price").buckets(3);`, "'buckets' does not exist"],
  ["units that are no number", `columns.tower("a", (t) => t.label("clk").mlp("64"));`, "'string' is not assignable"],
];

for (const [name, ts] of Object.entries(compilers)) {
  for (const strict of [true, false]) {
    describe(`${name}, ${strict ? "strict" : "not strict"}`, () => {
      test("a complete model compiles", () => {
        expect(diagnose(ts, folder, complete, { strict })).toEqual([]);
      });

      test("the names reach the type", () => {
        const snippet = `${complete}
const typed: Model<"user_id" | "scene" | "price" | "cross", "clk" | "buy" | "scene", "domain" | "uia" | "domains()", "ctr" | "cvr"> = model;
const name: "user_id" = idFeature("user_id").name;
export { typed, name };`;
        expect(diagnose(ts, folder, snippet, { strict })).toEqual([]);
      });

      test("a model whatever its names takes every step, and any model is one", () => {
        const snippet = `${complete}
declare const opened: AnyModel;
opened.group("domain", ["anything"]).epnet().domains("x", 2).tower("ctr", (t) => t.label("y").bce()).tower("ctr", (t) => t);
function size(any: AnyModel): number { return any.spec.features.length; }
export const count: number = size(model);`;
        expect(diagnose(ts, folder, snippet, { strict })).toEqual([]);
      });

      test.each([
        ["features in a group", `columns.group("domain", ["▮"]);`, ["cross", "price", "scene", "user_id"]],
        ["groups", `columns.group("▮", []);`, ["all", "domain", "uia"]],
        ["labels in a tower", `columns.tower("ctr", (t) => t.label("▮"));`, ["buy", "clk"]],
        [
          "features to group an AUC by",
          `columns.tower("ctr", (t) => t.gauc("▮"));`,
          ["cross", "price", "scene", "user_id"],
        ],
        ["domain columns", `columns.domains("▮", 3);`, ["buy", "clk", "cross", "price", "scene", "user_id"]],
        ["presets", `columns.preset("▮");`, ["paper", "torcheasyrec"]],
      ])("tab offers the %s", (_, code, names) => {
        expect(completions(ts, folder, start + code, strict).sort()).toEqual(names);
      });

      test("each mistake is caught where it is made", () => {
        // One program for all: each mistake stands on a line of its own and must give its own message.
        const said = diagnose(ts, folder, complete + mistakes.map(([, code]) => code).join("\n"), { strict });
        const missing = mistakes.filter(([, , message]) => !said.some((text) => text.includes(message)));
        expect({ missing: missing.map(([what]) => what), said: missing.length > 0 ? said : [] }).toEqual({
          missing: [],
          said: [],
        });
        expect(said).toHaveLength(mistakes.length);
      });
    });
  }
}
