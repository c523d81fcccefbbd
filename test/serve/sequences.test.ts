/** An exported model with behaviour sequences gives the run's predictions, in Node and in Python. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset, loadModel, type Run } from "../../src/api/index.js";
import { enginePredictor } from "../../src/api/prediction/stream/index.js";
import { specFromConfig } from "../../src/config/index.js";
import { encode, openTable } from "../../src/data/index.js";
import { createEngine } from "../../src/engine/index.js";
import { encodingSpec, exportModel } from "../../src/serve/index.js";
import { openModel } from "../../src/serve/served/served-model.js";
import { readSafetensors } from "../../src/train/index.js";
import { hasShared, sharedPath } from "../shared.js";
import { expectSame, type Named, servingPython } from "./same.js";
import { everySequence, rowsWithSequences } from "./sequence-models.js";

let folder: string;
let run: Run;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-serve-sequences-"));
  run = await everySequence.fit(rowsWithSequences(400, 1), { validation: null, quiet: true });
  await run.export(served());
});
afterAll(async () => {
  await run.dispose();
  await rm(folder, { recursive: true });
});

const served = (name = "served") => path.join(folder, name);
const rows = rowsWithSequences(300, 2);
const emptyRows = rows.slice(0, 3).map((row) => ({
  ...row,
  ...{ clicks__item: [], clicks__brand: "", clicks__tags: [], clicks__price: "", clicks__place: [], clicks__age: [] },
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
    expectSame(probabilities(await predictions(model, of)), probabilities(await predictions(run, of)));
    await model.dispose();
  });

  it("writes predictions of a file as the run does", async () => {
    const input = path.join(folder, "rows.parquet");
    await (await dataset(rows)).toParquet(input);
    const model = await loadModel(served());
    await model.writePredictions(input, { path: path.join(folder, "served.parquet") });
    const written = await openTable(path.join(folder, "served.parquet"));
    const column = (await written.read(["probs_ctr"])).get("probs_ctr") as { readonly values: ArrayLike<number> };
    expectSame({ probs_ctr: column.values }, probabilities(await predictions(run)));
    await model.dispose();
  });

  it.skipIf(servingPython === null)("predicts in Python, encoded by encoders.json alone", async () => {
    const [input, output] = [path.join(folder, "in.json"), path.join(folder, "out.json")];
    await writeFile(input, JSON.stringify([...rows, ...emptyRows]));
    execFileSync(servingPython as string, [path.join(__dirname, "serve.py"), served(), input, output]);
    const found = JSON.parse(await readFile(output, "utf8")) as { probs_ctr: number[] };
    expectSame({ probs_ctr: found.probs_ctr }, probabilities(await predictions(run, [...rows, ...emptyRows])));
  });

  it.skipIf(servingPython === null)("comes with calls that run as they are", async () => {
    const page = readFileSync(path.join(served(), "README.md"), "utf8");
    const snippet = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] as string;
    await symlink(path.resolve(__dirname, "..", "..", "node_modules"), path.join(folder, "node_modules"));
    const options = { cwd: served(), encoding: "utf8" } as const;
    expect(execFileSync(servingPython as string, ["-c", snippet("python")], options)).toMatch(/^\[.+ .+\]\n$/);
    expect(execFileSync(process.execPath, ["-e", snippet("js")], options)).toMatch(/^Float32Array\(2\)/);
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
    const file = (name: string) => sharedPath("golden", "whole-run-din", name);
    const spec = specFromConfig(readFileSync(file("pipeline.config"), "utf8"));
    const engine = await createEngine(spec, { weights: await readSafetensors(file("final.safetensors")) });
    await exportModel(engine, served("whole-run-din"));
    const data = await encode(await openTable(file("eval.parquet")), spec, { labels: false });
    const model = await openModel(served("whole-run-din"), 2);
    const readBack = encodingSpec(model.encoders, false);
    const encoded = await encode(await openTable(file("eval.parquet")), readBack, { labels: false });
    const expected = await enginePredictor(engine, true)(data);
    expectSame(Object.fromEntries(await model.predict(encoded)), expected);
    if (servingPython !== null) {
      const [input, output] = [path.join(folder, "encoded.json"), path.join(folder, "encoded-out.json")];
      const evaluation = await dataset(file("eval.parquet"));
      await writeFile(input, JSON.stringify(await evaluation.head(evaluation.rows)));
      execFileSync(servingPython, [path.join(__dirname, "serve.py"), served("whole-run-din"), input, output]);
      expectSame(JSON.parse(await readFile(output, "utf8")) as Named, expected);
    }
    await Promise.all([model.release(), engine.dispose()]);
  });
});
