/** What a terminal shows of a builder. */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { comboFeature, dateFeature, idFeature, pepnet, rawFeature } from "../../../src/index.js";

test.each([
  [idFeature("user_id").hash(5000).embedding(16), /^id feature "user_id": embeddingDim 16, .*kind: 'hash', size: 5000/],
  [idFeature("user_id"), /^id feature "user_id": unfinished, the encoding of "user_id" is missing/],
  [rawFeature("price").log1p().zscore(), /^raw feature "price": .*zscore: true/],
  [rawFeature("price").piecewise(20, 8), /^raw feature "price": embeddingDim 8, .*quantiles: 20/],
  [comboFeature("pair", ["user:a", "item:b"]).hash(100).embedding(4), /^combo feature "pair": .*size: 100/],
  [dateFeature("ts", "hour").embedding(4), /^id feature "ts_hour": .*count: 24/],
  [idFeature("clicks").hash(9).embedding(4).sequence({ length: 7 }), /^sequence feature "clicks": .*length: 7/],
])("%s", (builder, text) => {
  expect(String(builder)).toMatch(text);
  expect(inspect([builder])).toContain(String(builder));
  expect(String(builder)).not.toMatch(/null|\[\]|\[Function/);
});

test("long vocabularies are cut, and control characters are visible", () => {
  const long = idFeature("x").vocab(Array.from({ length: 200 }, (_, value) => value));
  expect(String(long.embedding(2))).toMatch(/190 more items/);
  expect(String(idFeature("a\u001b[31mb"))).not.toContain("\u001b");
});

test("a text is no setting: specs and copies stay as they were", () => {
  const feature = idFeature("x").buckets(3).embedding(2);
  expect(Object.keys(feature)).not.toContain("toString");
  expect(pepnet().features(feature).spec.features).toEqual([feature.toSpec()]);
});
