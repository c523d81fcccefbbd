/** A sequence is one more field of EPNet's gate. */
import { expect, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { sequenceFeature } from "../../../src/core/builder/sequence-feature.js";
import { din } from "../../../src/core/builder/sequences.js";
import { fieldColumns } from "../../../src/lab/gates/fields.js";

test("the fields of the gate end with the sequence's columns", () => {
  const item = idFeature("item").buckets(9).embedding(4);
  const { spec } = pepnet()
    .features(item, sequenceFeature("clicks", { of: [item], length: 5 }))
    .labels("clk")
    .group("all", ["item"], { sequences: [din("clicks", { query: ["item"], hidden: [4] })] });
  expect(fieldColumns(spec)).toEqual([
    { field: "item", start: 0, end: 4 },
    { field: "clicks: din", start: 4, end: 8 },
  ]);
});
