/** A model without some of its fields: what is left works, and what something needs is named. */
import { describe, expect, it } from "vitest";
import { sequenceFeature } from "../../../src/core/builder/sequence-feature.js";
import { din } from "../../../src/core/builder/sequences.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { idFeature, pepnet } from "../../../src/index.js";

const item = idFeature("item").buckets(9).embedding(4);
const model = pepnet()
  .features(
    idFeature("user").buckets(5).embedding(4),
    item,
    idFeature("brand").buckets(5).embedding(4),
    idFeature("scene").buckets(2).embedding(4),
    idFeature("hour").buckets(24).embedding(4),
    sequenceFeature("clicks", { of: [item], length: 5 }),
  )
  .labels("clk")
  .group("all", ["user", "item", "brand", "scene", "hour"], {
    sequences: [din("clicks", { query: ["item"], hidden: [4] })],
  })
  .group("domain", ["scene"])
  .group("uia", ["user", "item"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", ["feed", "live"])
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().gauc("user"));

describe("keep", () => {
  it("removes fields from the features and from every group, and sequences with their encoders", () => {
    const { spec } = model.keep(["user", "item", "scene"]);
    expect(spec.features.map(({ name }) => name)).toEqual(["user", "item", "scene"]);
    expect(spec.groups.map(({ name, features, sequences }) => [name, features, sequences])).toEqual([
      ["all", ["user", "item", "scene"], undefined],
      ["domain", ["scene"], undefined],
      ["uia", ["user", "item"], undefined],
    ]);
    expect(validateSpec(spec)).toEqual([]);
    expect(model.keep(["user", "item", "scene", "clicks__item"]).spec.groups[0]!.sequences!.encoders).toHaveLength(1);
  });

  it.each([
    [["user", "item", "scene", "brnd"], /unknown feature "brnd".*brand/s],
    [["user", "item"], /EPNet's gate cannot do without "scene"/],
    [["item", "scene"], /grouped_auc of "ctr" cannot do without "user"/],
    [["brand", "scene"], /PPNet's gates cannot do without "user"/],
    [["user", "scene", "clicks__item"], /the encoder of "clicks" cannot do without "item"/],
    [[], /the towers cannot do without "user"/],
  ])("of %j is refused with the reason", (fields, message) => {
    expect(() => model.keep(fields as never)).toThrow(message);
  });

  it("keeps the names that the compiler knows", () => {
    const kept = model.keep(["user", "item", "scene"]);
    // @ts-expect-error the model has no such feature any more
    expect(() => kept.keep(["brand"])).toThrow(/unknown feature/);
    // @ts-expect-error no feature of the model
    expect(() => model.keep(["brnd"])).toThrow(/unknown feature/);
  });
});
