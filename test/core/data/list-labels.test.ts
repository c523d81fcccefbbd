/** Labels in list columns, which newer versions of TorchEasyRec read: one number per row. */
import { expect, it } from "vitest";
import { encode } from "../../../src/core/data/encode/encode.js";
import { DataError, dataset, idFeature, pepnet } from "../../../src/index.js";

const model = pepnet()
  .features(idFeature("user").buckets(10).embedding(4))
  .labels("clk")
  .tower("ctr", (t) => t.label("clk").mlp(4).bce());
const rows = (label: (row: number) => unknown) =>
  Array.from({ length: 20 }, (_, row) => ({ user: row % 10, clk: label(row) }));

it("lists of one number are the numbers, in every part of the rows", async () => {
  const { table } = await dataset(rows((row) => [row % 2]));
  expect([...(await encode(table, model.spec)).labels.get("clk")!]).toEqual(
    rows((row) => row % 2).map(({ clk }) => clk),
  );
  expect([...(await encode(table.slice(7, 20), model.spec)).labels.get("clk")!].slice(0, 2)).toEqual([1, 0]);
});

it.each([
  ["two numbers", (row: number) => (row === 3 ? [0, 1] : [row % 2])],
  ["no number", (row: number) => (row === 3 ? [] : [row % 2])],
])("a list of %s is refused", async (_, label) => {
  const { table } = await dataset(rows(label));
  await expect(encode(table, model.spec)).rejects.toThrow(DataError);
  await expect(encode(table, model.spec)).rejects.toThrow(
    /row 3 .*label "clk" is not a number\n {2}received: a list of [02] values/,
  );
});

it("a label in such lists that is neither 0 nor 1 is refused like a number", async () => {
  const { table } = await dataset(rows((row) => [row]));
  await expect(encode(table, model.spec)).rejects.toThrow(/0 or 1/);
});
