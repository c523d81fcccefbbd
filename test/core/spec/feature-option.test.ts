/** A typed option of features: its field and its row in one table are all that builder, validation, configs and saved runs need. */
import { expect, it, vi } from "vitest";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { rawFeature } from "../../../src/core/builder/raw-feature.js";
import { specFault } from "../../../src/core/train/saved/spec-shape.js";
import { pepnet } from "../../../src/index.js";

/** As if `initFn?: string` were a field of `EmbeddingChoices`, with a row in `embeddingOptions`. */
vi.mock("../../../src/core/spec/feature/feature.js", async (original) => {
  const feature = await original<typeof import("../../../src/core/spec/feature/feature.js")>();
  const { optional, text } = await import("../../../src/core/spec/option.js");
  const row = { initFn: optional(text("init_fn")) };
  Object.assign(feature.embeddingOptions, row);
  for (const options of Object.values(feature.featureOptions)) Object.assign(options, row);
  return feature;
});

const options = { initFn: "nn.init.zeros_" } as object;
const user = idFeature("user").buckets(9).embedding(4, options);

it("is an option of the builder, in the spec, and reset by the next call", () => {
  expect(user.toSpec()).toMatchObject({ initFn: "nn.init.zeros_", pooling: "sum", extra: {} });
  expect(rawFeature("age").boundaries([1]).embedding(4, options).toSpec()).toMatchObject(options);
  expect(JSON.stringify(user.embedding(4).toSpec())).not.toContain("initFn");
  expect(() => idFeature("user").embedding(4, { initFm: "" } as object)).toThrow('did you mean "initFn"?');
});

it("is saved, and goes to a config and back under its field", () => {
  const model = pepnet()
    .features(user, idFeature("scene").buckets(2).embedding(4))
    .labels("click")
    .group("domain", ["scene"])
    .group("uia", ["user"])
    .domains("scene", 2)
    .epnet()
    .ppnet({ hidden: [4] })
    .tower("ctr", (t) => t.label("click").mlp(4).bce());
  expect(specFault(JSON.parse(JSON.stringify(model.spec)))).toBeNull();
  const config = model.toConfig();
  expect(config.match(/init_fn: "nn.init.zeros_"/g)).toHaveLength(1);
  const [read, plain] = pepnet.fromConfig(config).spec.features;
  expect(read).toMatchObject({ ...options, extra: {} });
  expect(plain).not.toHaveProperty("initFn");
});
