/** `pepnet export`, and predictions with nothing but what it wrote. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../../src/index.js";
import { columns, type Outcome, pepnetIn, writeProject } from "./command.js";

let folder: string;
let exported: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-export-"));
  await writeProject(folder);
  await pepnet("train", "--config", "pipeline.config", "--out", "run");
  exported = await pepnet("export", "--run", "run", "--out", "served");
});
afterAll(() => rm(folder, { recursive: true }));

const pepnet = (...args: string[]): Promise<Outcome> => pepnetIn(folder, ...args);

async function read(file: string) {
  const data = await dataset(path.join(folder, file));
  return { names: data.columns.map(({ name }) => name), rows: await data.head(data.rows) };
}

async function expectSamePredictions(found: string, expected: string): Promise<void> {
  const [a, b] = [await read(found), await read(expected)];
  expect(a.names).toEqual(b.names);
  expect(a.rows).toHaveLength(b.rows.length);
  for (const [at, row] of a.rows.entries()) {
    for (const name of a.names) {
      const [value, wanted] = [row[name], b.rows[at]?.[name]] as [number, number];
      expect(Math.abs(value - wanted), `${name}, row ${at}`).toBeLessThan(1e-5);
    }
  }
}

describe("pepnet export", () => {
  it("writes a folder, from which predict --model gives what predict --run gives", async () => {
    expect(exported).toMatchObject({ code: 0, err: "" });
    expect(exported.out).toMatch(/^saved bytes=\d+ features=3 outputs=8 path=served\n$/);
    for (const [name, options] of [
      ["every", ["--reserve", "user,price"]],
      ["own", ["--own-domain"]],
    ] as const) {
      await pepnet("predict", "--run", "run", "test.parquet", `run-${name}.parquet`, ...options);
      const outcome = await pepnet(
        "predict",
        "--model",
        "served",
        "test.parquet",
        `served-${name}.parquet`,
        ...options,
      );
      expect(outcome).toMatchObject({ code: 0, out: `saved rows=500 path=served-${name}.parquet\n`, err: "" });
      await expectSamePredictions(`served-${name}.parquet`, `run-${name}.parquet`);
    }
  });

  it("predict --model streams more rows than one part of a file holds", async () => {
    const rows = 140_000;
    await (await dataset(columns(rows, 3))).toParquet(path.join(folder, "long.parquet"));
    const outcome = await pepnet("predict", "--model", "served", "long.parquet", "out.parquet", "--reserve", "user");
    expect(outcome.code).toBe(0);
    const [out, long] = [
      await dataset(path.join(folder, "out.parquet")),
      await dataset(path.join(folder, "long.parquet")),
    ];
    expect(out.rows).toBe(rows);
    const last = Int32Array.of(0, rows / 2, rows - 1);
    const users = async (data: typeof out) => (await data.table.take(last).head(3)).map(({ user }) => user);
    expect(await users(out)).toEqual(await users(long));
  });

  it("predict --model is misused beside a run or an engine, and names what is no export", async () => {
    const beside = await pepnet("predict", "--model", "served", "--run", "run", "test.parquet", "x.parquet");
    expect(beside).toMatchObject({ code: 2 });
    expect(beside.err).toContain("--model and --run exclude each other");
    const wrong = await pepnet("predict", "--model", "run", "test.parquet", "x.parquet");
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toContain("no exported model found");
  });

  it("is served without TF.js and without a training engine", async () => {
    const dist = path.resolve(__dirname, "..", "..", "..", "dist");
    const script = `
      // The lists of ONNX's operators and types (jit/onnx, jit/graph) and of a model's parameters (nn/plan) are light.
      const { loadModel } = require(${JSON.stringify(path.join(dist, "index.js"))});
      (async () => {
        const model = await loadModel("served");
        await model.predict("test.parquet");
        const loaded = Object.keys(require.cache);
        console.log(JSON.stringify({ served: loaded.some((file) => file.includes("served-model")),
          heavy: loaded.filter((file) => /@tensorflow|dist.(nn.(?!plan)|jit.(?!onnx|graph)|train.fit|engine.create)/.test(file)) }));
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ served: true, heavy: [] });
  });
});
