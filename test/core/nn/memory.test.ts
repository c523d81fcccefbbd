/** A model that cannot fit is refused before anything is allocated, with the arithmetic. */
import { describe, expect, it } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { adagrad, rowwiseAdagrad } from "../../../src/core/builder/optimizers.js";
import { assertFits, memoryNeeded } from "../../../src/core/nn/plan/memory.js";

const model = (buckets: number) =>
  pepnet()
    .features(idFeature("user").buckets(buckets).embedding(16), idFeature("scene").buckets(3).embedding(4))
    .labels("clk")
    .group("domain", ["scene"])
    .epnet()
    .tower("ctr", (t) => t.label("clk").mlp(8).bce())
    .train({ batchSize: 1000, sparse: adagrad(0.05) });

describe("memory", () => {
  it("is counted by table, with its optimiser, dense parameters and a batch", () => {
    const [user, scene, dense, batch] = memoryNeeded(model(1000).spec);
    expect(user).toEqual({
      what: "table user_emb",
      bytes: 128_000,
      arithmetic: "1,000 rows × 16 × 4 bytes × 2 (weights, adagrad)",
    });
    expect(scene?.bytes).toBe(3 * 4 * 4 * 2);
    expect(dense?.arithmetic).toMatch(
      /^[\d,]+ parameters × 4 bytes × 4 \(weights, gradients, adam's first moment, second moment\)$/,
    );
    expect(batch?.arithmetic).toBe("1,000 rows × 24 columns × 4 bytes × 2 (values, gradients)");
    expect(memoryNeeded(model(1000).train({ sparse: rowwiseAdagrad(0.05) }).spec)[0]?.bytes).toBe(64_000);
  });

  it("that a machine has not is refused, by name and number", () => {
    const { spec } = model(1_000_000_000);
    expect(() => assertFits(spec, 16e9)).toThrow(
      /memory: this model does not fit[\s\S]*at least 128 GB\n\s+table user_emb: 1,000,000,000 rows × 16 × 4 bytes × 2 \(weights, adagrad\) = 128 GB[\s\S]*at most 16 GB/,
    );
    assertFits(spec, 200e9);
  });

  it("is refused by fit, and rows that no id can name", async () => {
    const data = { user: [1, 2], scene: [0, 1], clk: [0, 1] };
    const fitted = model(3_000_000_000).fit(data, { validation: null, quiet: true });
    await expect(fitted).rejects.toThrow(
      /table user_emb: too many rows[\s\S]*3,000,000,000[\s\S]*memory: this model does not fit/,
    );
  });
});
