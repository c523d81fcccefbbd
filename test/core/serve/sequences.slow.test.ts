import path from "node:path";
import { describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { loadModel } from "../../../src/api/served-model.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { hasShared, sharedPath } from "../../shared.js";
import { Exported } from "./exported.js";
import { expectSame, type Named, servingPython } from "./same.js";
import { everySequence, rowsWithSequences } from "./sequence-models.js";

const exported = new Exported("pepnet-serve-sequences-", () =>
  everySequence.fit(rowsWithSequences(400, 1), { validation: null, quiet: true }),
);
const served = (name?: string) => exported.served(name);
const rows = rowsWithSequences(300, 2);
const emptyRows = rows.slice(0, 3).map((row) => ({
  ...row,
  clicks__item: [],
  clicks__brand: "",
  clicks__tags: [],
  clicks__price: "",
  clicks__place: [],
  clicks__age: [],
  buys: "",
}));

async function predictions(
  model: { predict(data: never): Promise<{ head(rows: number): Promise<object[]> }> },
  of = rows,
) {
  const predicted = await model.predict(of as never);
  return (await predicted.head(of.length)) as { readonly probs_ctr: number }[];
}

function probabilities(found: readonly { readonly probs_ctr: number }[]): Named {
  return { probs_ctr: found.map((row) => row.probs_ctr) };
}

describe("an exported model with sequences", () => {
  it.each([
    ["rows", rows],
    ["rows whose sequences are all empty", emptyRows],
  ])("predicts %s as the run does", async (_, of) => {
    const model = await loadModel(served());
    expectSame(probabilities(await predictions(model, of)), probabilities(await predictions(exported.run, of)));
    await model.dispose();
  });

  it("writes predictions of a file as the run does", async () => {
    const input = path.join(exported.folder, "rows.parquet");
    await (await dataset(rows)).toParquet(input);
    const model = await loadModel(served());
    await model.writePredictions(input, { path: path.join(exported.folder, "served.parquet") });
    const written = await openTable(path.join(exported.folder, "served.parquet"));
    const column = (await written.read(["probs_ctr"])).get("probs_ctr") as { readonly values: ArrayLike<number> };
    expectSame({ probs_ctr: column.values }, probabilities(await predictions(exported.run)));
    await model.dispose();
  });

  it.skipIf(servingPython === null)("predicts in Python, encoded by encoders.json alone", async () => {
    const all = [...rows, ...emptyRows];
    const { probs_ctr } = await exported.inPython(all);
    expectSame({ probs_ctr: probs_ctr! }, probabilities(await predictions(exported.run, all)));
  });

  it.skipIf(servingPython === null)("comes with calls that run as they are", async () => {
    await exported.expectCalls();
  });

  it("lists its inputs with their shapes", async () => {
    const model = await loadModel(served());
    const ports = (await model.bundle())["text/plain"];
    expect(ports).toMatch(/clicks__item +int64 \[rows, positions\]/);
    expect(ports).toMatch(/clicks__item\.length +int64 \[rows\]/);
    expect(ports).toMatch(/clicks__tags +int64 \[rows, positions, values\]/);
    expect(ports).toMatch(/clicks__place +float32 \[rows, positions, 2\]/);
    await model.dispose();
  });
});

describe.skipIf(!hasShared)("golden/whole-run-din", () => {
  it("exported, predicts its evaluation rows as the engine does", async () => {
    const expected = await exported.expectWholeRun("whole-run-din");
    if (servingPython === null) return;
    const evaluation = await dataset(sharedPath("golden", "whole-run-din", "eval.parquet"));
    const rowsThere = await evaluation.head(evaluation.rows);
    expectSame(await exported.inPython(rowsThere, served("whole-run-din")), expected);
  });
});
