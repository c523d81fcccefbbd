import { expect, test } from "vitest";
import { emptySpec, type ModelSpec, trainingWarnings } from "../../src/spec/index.js";

const mlp = { hidden: [4], dropout: [0.2], activation: "nn.ReLU", batchNorm: false, layerNorm: false, bias: true };

function withEncoders(encoders: readonly object[]): ModelSpec {
  const all = { name: "all", features: [], sequences: { groups: [], encoders } };
  return { ...emptySpec, groups: [all] } as unknown as ModelSpec;
}

test("dropout inside an encoder is reported, because training does not apply it", () => {
  const paths = (encoders: readonly object[]) => trainingWarnings(withEncoders(encoders)).map(({ path }) => path);
  const din = { kind: "din", input: "s", maxLength: 0, extra: {} };
  expect(paths([{ ...din, mlp }])).toEqual(["groups.all.sequences.encoders[0].dropout"]);
  expect(paths([{ ...din, mlp: { ...mlp, dropout: [] } }])).toEqual([]);
  expect(paths([{ kind: "self_attention", input: "s", dim: 4, heads: 1, dropout: 0.1 }])).toHaveLength(1);
  expect(paths([{ kind: "self_attention", input: "s", dim: 4, heads: 1, dropout: 0 }])).toEqual([]);
});
