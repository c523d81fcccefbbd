/** A process may end at any moment: onnxruntime in its thread must not turn that into an abort. */

import { spawnSync } from "node:child_process";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { transpileTree } from "../../worker-file.js";

const source = (file: string) => transpileTree(path.resolve(__dirname, "..", "..", "..", "src", file));
let engineFile: string;
let specFile: string;

beforeAll(() => {
  engineFile = source("core/engine/create-engine.ts");
  specFile = source("core/spec/model.ts");
  // Loaded by their paths.
  source("core/engine/compiled/worker.ts");
  source("core/engine/compiled/compile-worker.ts");
});

/** Runs a script in a process of its own, with an engine of a model that takes a while to step. */
function runScript(body: string): { status: number | null; signal: string | null; stdout: string; stderr: string } {
  const script = `
    const { createEngine } = require(${JSON.stringify(engineFile)});
    const { emptySpec, defaultMlp } = require(${JSON.stringify(specFile)});
    const rows = 4096, dim = 256;
    const spec = {
      ...emptySpec,
      features: [{ kind: "raw", name: "x", expression: "user:x", embeddingName: null, pooling: "sum", separator: null,
        defaultValue: "", extra: {}, valueDim: dim, normalizer: null, boundaries: [], embeddingDim: null }],
      labels: ["y"],
      towers: [{ name: "t", label: "y", numClass: 1, mlp: { ...defaultMlp, hidden: [512, 512] }, metrics: [], weight: 1,
        losses: [{ kind: "binary_cross_entropy", labelSmoothing: 0 }], sampleWeight: null, taskSpace: null, extra: {} }],
    };
    const data = {
      rows, features: new Map([["x", { kind: "dense", dim, values: new Float32Array(rows * dim).fill(0.1) }]]),
      labels: new Map([["y", new Float32Array(rows).map((_, i) => i % 2)]]), sampleWeights: new Map(), domains: null, warnings: [],
    };
    const batch = { data, rows: Int32Array.from({ length: rows }, (_, i) => i) };
    (async () => {
      const engine = await createEngine(spec);
      await engine.step(batch, 0);
      ${body}
    })();
  `;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    timeout: 300_000,
  });
  return { status, signal, stdout, stderr };
}

test("process.exit during a step ends with the code that was asked for", () => {
  const result = runScript(`
    for (let i = 0; i < 50; i++) engine.step(batch, 0);
    setTimeout(() => { console.log(engine.steps < 50 ? "mid-run" : "too late"); process.exit(7); }, 60);
  `);
  expect(result).toMatchObject({ status: 7, signal: null, stdout: "mid-run\n", stderr: "" });
});

test("a script that forgets dispose() ends by itself, after its last step", () => {
  const result = runScript(`engine.step(batch, 0).then(() => console.log("stepped", engine.steps));`);
  expect(result).toMatchObject({ status: 0, signal: null, stdout: "stepped 2\n", stderr: "" });
});

test("SIGTERM during a step ends a script by that signal", () => {
  const result = runScript(`engine.step(batch, 0); setTimeout(() => process.kill(process.pid, "SIGTERM"), 5);`);
  expect(result).toMatchObject({ status: null, signal: "SIGTERM" });
});

test("an uncaught error during a step ends with code 1, not an abort", () => {
  const result = runScript(`engine.step(batch, 0); setTimeout(() => { throw new Error("on purpose"); }, 5);`);
  expect(result).toMatchObject({ status: 1, signal: null });
  expect(result.stderr).toContain("on purpose");
});

test("a model without layers of one's own trains without TF.js on this thread", () => {
  const result = runScript(`
    await engine.predict(batch);
    await engine.dispose();
    console.log(Object.keys(require.cache).filter((file) => file.includes("tensorflow")).length);
  `);
  expect(result).toMatchObject({ status: 0, stdout: "0\n", stderr: "" });
});
