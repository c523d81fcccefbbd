import { describe, expect, it } from "vitest";
import { pepnet } from "../../src/api/model/model.js";
import { comparableTowers } from "../../src/api/run/compare.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import type { ModelSpec } from "../../src/core/spec/model.js";

const rows = (names: readonly string[] | number) =>
  pepnet()
    .features(idFeature("scene").buckets(3).embedding(4))
    .labels("clk", "buy", "price")
    .group("domain", ["scene"])
    .epnet()
    .domains("scene", names);
const first: ModelSpec = rows(["feed", "search", "live"])
  .tower("ctr", (t) => t.label("clk").mlp(4).bce())
  .tower("cvr", (t) => t.label("buy").mlp(4).bce().taskSpace("clk", { in: 1, out: 0 })).spec;

describe("models are comparable", () => {
  it("with other features and gates, and where one has no domains", () => {
    const second = pepnet()
      .features(idFeature("item").hash(10).embedding(8))
      .labels("clk", "buy")
      .tower("cvr", (t) => t.label("buy").mlp(4).bce().taskSpace("clk", { in: 1, out: 0 }))
      .tower("ctr", (t) => t.label("clk").mlp(9).bce()).spec;
    expect(comparableTowers(first, second, undefined).map(({ name }) => name)).toEqual(["ctr", "cvr"]);
  });

  it("on the tasks that both have, where those are named", () => {
    const single = rows(["feed", "search", "live"]).tower("ctr", (t) => t.label("clk").mlp(4).bce()).spec;
    expect(() => comparableTowers(first, single, undefined)).toThrow(
      /compare: tasks: the runs do not have the same tasks[\s\S]*received: "ctr"[\s\S]*expected: "ctr", "cvr"[\s\S]*\{ tasks: \["ctr"\] \}/,
    );
    expect(comparableTowers(first, single, ["ctr"])).toHaveLength(1);
    expect(() => comparableTowers(first, single, ["cvr"])).toThrow(/unknown task[\s\S]*received: "cvr"/);
  });

  it("not where labels, kinds, spaces or domains differ: each is named at once", () => {
    const second = rows(["feed", "search", "shorts"])
      .tower("ctr", (t) => t.label("price").mlp(4).l2())
      .tower("cvr", (t) => t.label("buy").mlp(4).bce()).spec;
    let message = "";
    try {
      comparableTowers(first, second, undefined);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/task ctr: .* differ in their label\n {2}received: price\n {2}expected: clk/);
    expect(message).toMatch(/task ctr: .* differ in their kind\n {2}received: regression\n {2}expected: binary/);
    expect(message).toMatch(/task cvr: .* differ in their space\n {2}received: all rows\n {2}expected: within clk/);
    expect(message).toMatch(/domains: the runs' domains differ\n {2}received: 3 of scene: feed, search, shorts/);
  });
});
