/** The model's size agrees with the parameters that the program has, and with those of a real TorchEasyRec run. */
import { closeSync, openSync, readSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { denseParameters } from "../../../src/core/nn/plan/parameters.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { hasShared, sharedPath } from "../../shared.js";
import { good, switched, variants } from "./variants.js";

const product = (shape: readonly number[]): number => shape.reduce((total, dim) => total * dim, 1);

describe("modelSize", () => {
  test.each(variants)("counts the dense parameters of the program: %s", (_, spec) => {
    const shapes = denseParameters(planModel(spec)).map((parameter) => parameter.shape);
    expect(modelSize(spec).denseParameters).toBe(shapes.reduce((total, shape) => total + product(shape), 0));
  });

  test("counts tables, shared ones once, and those of unused features not at all", () => {
    const model = pepnet()
      .features(
        idFeature("clicked").hash(30).embedding(4, { sharedAs: "items" }),
        idFeature("bought").hash(30).embedding(4, { sharedAs: "items" }),
        idFeature("words").vocab(["a", "b"]).embedding(3),
        idFeature("unused").buckets(1000).embedding(8),
        idFeature("listed").vocabFile("words.txt").embedding(5),
        rawFeature("price").boundaries([1, 2]).embedding(2),
        rawFeature("vector").dims(7),
      )
      .group("all", ["clicked", "bought", "words", "listed", "price", "vector"]);
    const size = modelSize(model.spec);
    expect(size.tables.map(({ table, rows, dim, features }) => [table, rows, dim, features.length])).toEqual([
      ["items", 30, 4, 2],
      ["words_emb", 4, 3, 1],
      ["listed_emb", null, 5, 1],
      ["price_emb", 3, 2, 1],
    ]);
    expect(size.embeddingParameters).toBe(30 * 4 + 4 * 3 + 3 * 2);
    expect(size.groupDims).toEqual({ all: 4 + 4 + 3 + 5 + 2 + 7, domain: null, uia: null });
  });

  test("a vocabulary of any length decides its table's rows", () => {
    const entries = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`word${index}`, index]));
    const model = pepnet().features(idFeature("word").vocabDict(entries).embedding(2)).group("all", ["word"]);
    expect(modelSize(model.spec).tables[0]?.rows).toBe(300_000);
  });

  test("counts operations by hand", () => {
    const size = modelSize(good);
    const [all, domain, uia] = [21, 4, 16];
    const epnet = 2 * ((domain + all) * all + all * all);
    const ppnet = 2 * (all * 12 + 12 * 6 + (uia + all) * 12 + 12 * 12 + (uia + all) * 6 + 6 * 6);
    const tower = 2 * (6 * 10 + 10 * 5 + 5);
    expect(size.modules.map(({ module, output, flopsPerRow }) => [module, output, flopsPerRow])).toEqual([
      ["embeddings", all, 0],
      ["epnet", all, epnet],
      ["ppnet.ctr", 6, ppnet],
      ["ppnet.cvr", 6, ppnet],
      ["tower.ctr", 1, tower],
      ["tower.cvr", 1, tower],
    ]);
    expect(size.flopsPerRow).toBe(epnet + 2 * ppnet + 2 * tower);
    // Backward repeats each product for the weights, and for the inputs but for the gates' stopped `all` columns.
    const stopped = 2 * all * all + 2 * 2 * (all * 12 + all * 6);
    expect(size.trainingFlopsPerRow).toBe(3 * size.flopsPerRow - stopped);
    expect(modelSize(switched({ stopGradient: false })).trainingFlopsPerRow).toBe(3 * size.flopsPerRow);
  });

  test("sizes a model that is not finished", () => {
    expect(modelSize(pepnet().spec)).toMatchObject({ denseParameters: 0, embeddingParameters: 0, flopsPerRow: 0 });
    const begun = pepnet().features(rawFeature("price")).group("domain", ["price"]).group("uia", ["price"]);
    expect(modelSize(begun.spec).modules.map(({ module }) => module)).toEqual(["embeddings", "epnet"]);
  });

  test.skipIf(!hasShared)("agrees with a real TorchEasyRec run (shared/golden/whole-run)", () => {
    const counted = safetensorsCounts(sharedPath("golden/whole-run/init.safetensors"));
    const { denseParameters: dense, embeddingParameters } = modelSize(wholeRun().spec);
    expect({ dense, embeddings: embeddingParameters }).toEqual(counted);
  });
});

/** The model of golden/whole-run/pipeline.config, by hand. */
function wholeRun(): AnyModel {
  const sizes = { user_id: 10000, age_level: 8, gender: 3, occupation: 2, adgroup_id: 5000, cate_id: 200, brand: 800 };
  const ids = Object.entries({ ...sizes, pid: 2 }).map(([name, count]) => idFeature(name).buckets(count).embedding(16));
  return pepnet()
    .features(...ids, rawFeature("price"))
    .labels("clk", "buy")
    .group("domain", ["occupation"])
    .group("uia", ["user_id", "age_level", "gender", "adgroup_id", "cate_id", "brand", "price"])
    .ppnet({ hidden: [128, 64] })
    .domains("occupation", 2)
    .tower("ctr", (t) => t.label("clk").mlp(64, 32).bce())
    .tower("cvr", (t) => t.label("buy").mlp(64, 32).bce());
}

function safetensorsCounts(file: string): { dense: number; embeddings: number } {
  const handle = openSync(file, "r");
  const length = Buffer.alloc(8);
  readSync(handle, length, 0, 8, 0);
  const header = Buffer.alloc(Number(length.readBigUInt64LE()));
  readSync(handle, header, 0, header.length, 8);
  closeSync(handle);
  const counts = { dense: 0, embeddings: 0 };
  for (const [name, tensor] of Object.entries(JSON.parse(header.toString()) as Record<string, { shape: number[] }>)) {
    if (name === "__metadata__") continue;
    counts[name.includes("embedding_bags") ? "embeddings" : "dense"] += product(tensor.shape);
  }
  return counts;
}
