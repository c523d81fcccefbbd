/** Which optimiser trains a table: constraints as TorchRec takes them, and the planner's own choice. */
import { describe, expect, test } from "vitest";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { constrainedPlacement, denseTables } from "../../../src/core/spec/table-placement.js";
import type { JsonObject } from "../../../src/core/util/json.js";
import { toySpec, toyWith } from "../engine/toy.js";

const limits = (shardings: string[], kernels: string[]): JsonObject => ({
  sharding_types: shardings,
  compute_kernels: kernels,
});

test.each([
  [[], [], "planner"],
  [["table_wise"], ["fused"], "sparse"],
  [["table_wise"], [], "sparse"],
  [[], ["fused"], "sparse"],
  [["row_wise", "column_wise"], ["fused_uvm"], "sparse"],
  [["data_parallel"], ["dense"], "dense"],
  [["data_parallel"], [], "dense"],
  [[], ["dense"], "dense"],
  [["data_parallel", "table_wise"], ["fused"], "sparse"],
  [["data_parallel", "table_wise"], ["dense", "fused"], "planner"],
  [["table_wise"], ["dense"], null],
  [["data_parallel"], ["fused"], null],
] as const)("shardings %j and kernels %j leave: %s", (shardings, kernels, placement) => {
  expect(constrainedPlacement(limits([...shardings], [...kernels]))).toBe(placement);
});

describe("the tables of a model", () => {
  const constrained = (name: string, constraints: JsonObject, rest: Partial<ModelSpec> = {}): ModelSpec =>
    toyWith({
      ...rest,
      features: toySpec.features.map((feature) =>
        feature.kind !== "other" && feature.name === name
          ? { ...feature, extra: { embedding_constraints: constraints } }
          : feature,
      ),
    });
  const placed = (tablePlacement: "sparse" | "planner" | "dense", batchSize = 2048): Partial<ModelSpec> => ({
    training: { ...toySpec.training, tablePlacement, batchSize },
  });
  const sized = (rows: number, batchSize: number): ModelSpec =>
    toyWith({
      ...placed("planner", batchSize),
      features: toySpec.features.map((feature) =>
        feature.kind === "id" && feature.name === "user"
          ? { ...feature, embeddingDim: 16, encoding: { kind: "buckets", count: rows } }
          : feature,
      ),
    });

  test("a setting for all", () => {
    expect([...denseTables(toyWith(placed("sparse")))]).toEqual([]);
    expect([...denseTables(toyWith(placed("dense")))]).toEqual(["user_emb", "tags_emb", "scene_emb"]);
  });

  test("the planner gives small tables to the dense optimiser: 200 rows, not 800, at batches of 2,048", () => {
    expect(denseTables(sized(200, 2048))).toContain("user_emb");
    expect(denseTables(sized(800, 2048))).not.toContain("user_emb");
    expect(denseTables(sized(200, 256))).not.toContain("user_emb");
  });

  test("a feature's own constraints go before the setting for all", () => {
    const sparse = limits(["table_wise"], ["fused"]);
    expect([...denseTables(constrained("tags", sparse, placed("dense")))]).toEqual(["user_emb", "scene_emb"]);
    expect([...denseTables(constrained("tags", limits(["data_parallel"], []), placed("sparse")))]).toEqual([
      "tags_emb",
    ]);
  });

  test("constraints that nothing meets are refused by the feature's name", () => {
    expect(() => denseTables(constrained("tags", limits(["table_wise"], ["dense"])))).toThrow(
      /features\.tags\.embedding_constraints/,
    );
    const extra = { train_config: { global_embedding_constraints: limits(["table_wise"], ["dense"]) } };
    expect(() => denseTables(toyWith({ ...placed("planner"), extra }))).toThrow(/global_embedding_constraints/);
  });
});
