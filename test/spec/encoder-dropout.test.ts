import { expect, test } from "vitest";
import { din, idFeature, pepnet, selfAttention, sequenceFeature } from "../../src/index.js";
import { type ModelSpec, trainingWarnings } from "../../src/spec/index.js";

const item = idFeature("item").hash(10).embedding(4, { sharedAs: "item" });
const model = pepnet().features(item, sequenceFeature("clicks", { of: [item], length: 5 }));
const paths = ({ spec }: { readonly spec: ModelSpec }) => trainingWarnings(spec).map(({ path }) => path);

test("dropout inside an encoder is reported, because training does not apply it", () => {
  const withDin = (dropout?: number) =>
    model.group("all", ["item"], { sequences: [din("clicks", { query: ["item"], hidden: [4], dropout })] });
  expect(paths(withDin(0.2))).toEqual(["groups.all.sequences.encoders[0].dropout"]);
  expect(paths(withDin())).toEqual([]);
  const { spec } = model.group("all", ["item"], { sequences: [selfAttention("clicks", { dim: 4 })] });
  const dropped = JSON.parse(JSON.stringify(spec).replace('"dropout":0', '"dropout":0.1'));
  expect(paths({ spec: dropped })).toEqual(["groups.all.sequences.encoders[0].dropout"]);
  expect(paths({ spec })).toEqual([]);
});
