/** Numbers and dates as other countries write them are refused with a call that converts them. */
import { describe, expect, test } from "vitest";
import { type Dataset, dataset, dateFeature, type Feature, pepnet, rawFeature } from "../../../src/index.js";

const modelOf = (feature: Feature<string>) => {
  const model = pepnet().features(feature).labels("buy");
  return model.tower("ctr", (t) => t.label("buy").bce());
};

/** Encodes the feature, runs the fix of the error as it stands, and encodes again. */
async function mended(columns: Record<string, unknown[]>, feature: Feature<string>): Promise<Dataset> {
  const data: Dataset = await dataset(columns as never);
  const model = modelOf(feature);
  const error = await model
    .fit(data, { steps: 1, validation: null, quiet: true, engine: "cpu" })
    .catch((e: Error) => e);
  const [, fix = ""] = /fix: await (data\.derive\(.*?\}\))/.exec((error as Error).message) ?? [];
  const changed = (await new Function("data", `return ${fix}`)(data)) as Dataset;
  await model.fit(changed, { steps: 1, validation: null, quiet: true, engine: "cpu" });
  return changed;
}

describe("as typed", () => {
  test.each([
    ["price", "1.100,50", 1100.5],
    ["a price", "-7,5", -7.5],
    ['the "price"', "1.000.000,1", 1_000_000.1],
  ])("%s: %s", async (name, text, number) => {
    const changed = await mended({ [name]: [text, text], buy: [0, 1] }, rawFeature(name));
    expect((await changed.toColumns())[name]).toEqual([number, number]);
  });

  test.each([
    ["25.04.2024", "2024-04-25T00:00:00"],
    ["4/25/2024", "2024-04-25T00:00:00"],
    ["25/4/2024 10:30", "2024-04-25T10:30:00"],
    ["5/4/2024", "2024-04-05T00:00:00"],
    ["2024/04/25", "2024-04-25T00:00:00"],
    ["25-04-2024 23:59:58", "2024-04-25T23:59:58"],
  ])("%s", async (text, time) => {
    const feature = dateFeature("when", "hour").embedding(2);
    const changed = await mended({ when: [text, text], buy: [0, 1] }, feature);
    const [first] = (await changed.toColumns())["when"] as Date[];
    expect(new Date(first!).toISOString()).toContain(time);
  });
});

test("text that is no number has no such fix", async () => {
  const data = await dataset({ price: ["cheap", "dear"], buy: [0, 1] });
  const error = await modelOf(rawFeature("price"))
    .fit(data, { steps: 1, quiet: true })
    .catch((e: Error) => e);
  expect((error as Error).message).toContain("not a finite number");
  expect((error as Error).message).not.toContain("derive");
});
