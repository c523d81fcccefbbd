/** Optimizers that continue where a training stopped: from TorchEasyRec's checkpoints, and into them. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FitOptions } from "../../../src/api/training/engines.js";
import { convertWeightsScript } from "../../../src/core/bridge/export.js";
import { adagrad, adam, rowwiseAdagrad, sgd } from "../../../src/core/builder/optimizers.js";
import type { EngineName, Weights } from "../../../src/core/engine/engine.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { columns, model } from "../../kernel/cli/command.js";
import { writeSafetensors } from "../train/saved/encoded.js";

const torchPython =
  process.env["PEPNET_TORCH_PYTHON"] ?? path.resolve(__dirname, "..", "..", "..", ".venv-bench", "bin", "python");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-optimizer-"));
});
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

const batch = 64;
const rows = columns(6 * batch, 1);
/** Batches `from` up to `to` of the rows, in their order. */
const batches = (from: number, to: number) =>
  Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, values.slice(from * batch, to * batch)]));

const plain = { batchSize: batch, shuffle: false, steps: 6, emaDecay: null, gradientAccumulation: 1 } as const;
const trainings = {
  "Adagrad and Adam": model.train({ ...plain, sparse: adagrad(0.05), dense: adam(0.01) }),
  "row-wise Adagrad, Adagrad, and averages": model.train({
    ...plain,
    sparse: rowwiseAdagrad(0.05),
    dense: adagrad(0.02),
    emaDecay: 0.8,
  }),
  "sparse Adam, SGD with momentum, and a falling rate": model.train({
    ...plain,
    sparse: adam(0.01),
    dense: sgd(0.05, { momentum: 0.9 }),
    denseLearningRate: { kind: "manual_step", scheduleSizes: [1, 4], learningRates: [0.03, 0.01] },
  } as never),
  "two batches an update, tables of the dense optimizer": model.train({
    ...plain,
    sparse: adagrad(0.05),
    dense: adagrad(0.02),
    gradientAccumulation: 2,
    tablePlacement: "dense",
  }),
};

/** The arrays as TorchEasyRec's checkpoints have them, under pepnet's names: what convert_weights.py writes. */
async function written(training: string, counts: Readonly<Record<string, number>>): Promise<Weights> {
  const arrays = await readSafetensors(path.join(training, "optimizer.safetensors"));
  const isState = (name: string): boolean => !/\.(?:trained|ema|gradient_sum)$/.test(name);
  const numbers = Object.entries(counts).map(([name, value]) => [name, { shape: [], data: Float32Array.of(value) }]);
  return new Map([...[...arrays].filter(([name]) => isState(name)), ...(numbers as [])]);
}

/** The trained weights of a training's folder, and its averages. */
async function trainedWeights(training: string): Promise<Weights> {
  const arrays = await readSafetensors(path.join(training, "optimizer.safetensors"));
  const all = new Map(await readSafetensors(path.join(training, "weights.safetensors")));
  for (const [name, weight] of arrays) {
    if (name.endsWith(".trained")) all.set(name.slice(0, -".trained".length), weight);
    if (name.endsWith(".ema")) all.set(name, weight);
  }
  return all;
}

const quiet = { validation: null, quiet: true } as const;

describe.each(["compiled", "wasm"] as const)("on %s, a training in two parts", (engine: EngineName) => {
  it.each(Object.entries(trainings))("with %s ends as in one", async (kind, trained) => {
    const every = trained.spec.training.gradientAccumulation;
    const name = at(`${engine}-${kind.length}`);
    const options = { engine, ...quiet } satisfies FitOptions;
    const [half, whole] = [
      await trained.fit(batches(0, 4), { ...options, steps: 4, checkpoints: name }),
      await trained.fit(rows, options),
    ];
    await writeSafetensors(`${name}.weights`, await trainedWeights(name));
    const counts: Record<string, number> = kind.includes("SGD") ? { batches: 4 } : { updates: 4 / every };
    await writeSafetensors(`${name}.optimizer`, await written(name, counts));
    const second = { ...options, steps: 2, weights: `${name}.weights` };
    const continued = await trained.fit(batches(4, 6), { ...second, optimizer: `${name}.optimizer` });
    expect(await continued.weights()).toEqual(await whole.weights());
    expect(continued.notes.join()).toContain("the optimizers and their learning rates continue after 4 steps");
    const anew = await trained.fit(batches(4, 6), second);
    expect(await anew.weights()).not.toEqual(await whole.weights()); // the state matters
    for (const run of [half, whole, continued, anew]) await run.dispose();
  });
});

describe("state that does not fit", () => {
  const trained = trainings["Adagrad and Adam"];
  let weights: Weights;
  let state: Weights;
  beforeAll(async () => {
    const run = await trained.fit(rows, { ...quiet, steps: 2, checkpoints: at("first") });
    weights = await run.weights();
    state = await written(at("first"), { updates: 2 });
    await run.dispose();
  });
  const file = async (arrays: Weights): Promise<string> => {
    await writeSafetensors(at("state"), arrays);
    return at("state");
  };
  const refused = async (arrays: Weights, to = trained): Promise<string> => {
    const optimizer = await file(arrays);
    return to.fit(rows, { ...quiet, steps: 1, weights, optimizer }).then(
      () => "nothing was thrown",
      (error: Error) => error.message,
    );
  };

  it("of another optimizer or shape is refused by weight, with both", async () => {
    expect(await refused(state, trained.train({ sparse: rowwiseAdagrad(0.05) }))).toMatch(
      /_emb\.weight\.sum: the state does not fit[\s\S]*received: \[(\d+), \d+\]\s*\n\s*expected: \[\1\]\n/,
    );
    const message = await refused(state, trained.train({ dense: adagrad(0.01) }));
    const [first, second] = ["exp_avg", "sum"].map((slot) => message.split(`_task_tower.0.linear.weight.${slot}: `)[1]);
    expect(first).toMatch(/^the state does not fit.*\n\s*received: \[1, 8\]\s*\n\s*expected: no such array/);
    expect(second).toMatch(/^the state does not fit.*\n\s*received: no such array\s*\n\s*expected: \[1, 8\]/);
    expect(message).toContain("more problems of this kind");
    expect(
      await refused(new Map([...state, ["model.gone.weight.sum", { shape: [1], data: Float32Array.of(1) }]])),
    ).toMatch(/model\.gone\.weight\.sum: [\s\S]*received: \[1\]\s*\n\s*expected: no such array/);
  });

  it("that holds nothing of the model, and a file without weights beside it, say what to do", async () => {
    expect(await refused(new Map([["updates", { shape: [], data: Float32Array.of(2) }]]))).toMatch(
      /no state of optimizers of a TorchEasyRec training[\s\S]*convert_weights\.py/,
    );
    // The file of pepnet's own checkpoints has no number of updates: a training resumes from its folder.
    expect(await refused(new Map([...state].filter(([name]) => name !== "updates")))).toMatch(
      /a number of updates, from/,
    );
    await expect(trained.fit(rows, { ...quiet, optimizer: at("state") })).rejects.toThrow(
      /fit: optimizer: there are no weights to start from/,
    );
  });

  it("of all weights but one continues, and names the one", async () => {
    const [name] = [...state.keys()].filter((each) => each.endsWith("linear.bias.exp_avg"));
    const weight = name!.slice(0, -".exp_avg".length);
    const optimizer = await file(new Map([...state].filter(([each]) => !each.startsWith(`${weight}.`))));
    const run = await trained.fit(rows, { ...quiet, steps: 1, weights, optimizer });
    expect(run.notes.join("\n")).toContain(`the optimizers start anew for "${weight}"`);
    await run.dispose();
  });
});

/**
 * The names that a torchrec 1.1 program with FBGEMM's CPU kernels (Adagrad for two tables, Adam for a third and the
 * network) wrote to `optimizer/`: `momentum1` under the table's name for the sparse optimizer, PyTorch's for the dense.
 */
const layout =
  /^state\.(?:(.+\.embedding_bags\.(.+)\.weight)\.\2\.momentum1|(.+\.(?:weight|bias))\.(?:step|exp_avg|exp_avg_sq))$/;

const list = `
import sys, torch, warnings
warnings.filterwarnings('ignore')
import torch.distributed.checkpoint as dcp
reader = dcp.FileSystemReader(sys.argv[1] + "/optimizer")
entries = reader.read_metadata().state_dict_metadata
state = {name: torch.empty(entry.size, dtype=entry.properties.dtype) for name, entry in entries.items()}
dcp.load(state, storage_reader=reader)
for name, tensor in sorted(state.items()):
    print(name, tensor.dtype, list(tensor.shape), float(tensor.double().sum()))
`;

if (existsSync(torchPython)) {
  const python = (...args: string[]): Promise<string> =>
    new Promise((resolve) => execFile(torchPython, args, (error, out, err) => resolve(`${error ?? ""}${out}${err}`)));

  it.each(Object.entries(trainings))(
    "a training with %s becomes a checkpoint there, and is the same again",
    async (kind, trained) => {
      const name = at(`torch-${kind.length}`);
      const run = await trained.fit(rows, { ...quiet, steps: 4, checkpoints: name });
      const there = `${name}-model/model.ckpt-3`;
      expect(await python(convertWeightsScript, name, there)).toContain("the state of the optimizers after 4 steps");
      const text = await python(convertWeightsScript, `${name}-model`, at("w"), at("o"));
      const counts: Record<string, number> = kind.includes("SGD")
        ? { batches: 4 }
        : { updates: 4 / trained.spec.training.gradientAccumulation };
      expect(text).toContain(`${Object.values(counts)[0]} ${Object.keys(counts)[0]}`);
      expect(await readSafetensors(at("o"))).toEqual(await written(name, counts));
      expect(await readSafetensors(at("w"))).toEqual(await trainedWeights(name));
      await run.dispose();
      if (kind !== "Adagrad and Adam") return;
      await writeFile(at("list.py"), list);
      const lines = (await python(at("list.py"), there)).trim().split("\n");
      const state = await readSafetensors(at("o"));
      const sums = new Map(
        [...state].map(([each, { data }]) => [each, data.reduce((sum: number, value: number) => sum + value, 0)]),
      );
      for (const line of lines) {
        const [key = "", dtype, ...rest] = line.split(" ");
        const [, table, , dense] = layout.exec(key) ?? [];
        expect([key, table ?? dense]).not.toContain(undefined);
        expect(dtype).toBe("torch.float32");
        const sum = Number(rest.at(-1));
        if (key.endsWith(".step")) expect(sum).toBe(4);
        else expect(sum).toBeCloseTo(sums.get(table === undefined ? key.slice("state.".length) : `${table}.sum`)!, 4);
      }
      expect(lines.length).toBe(state.size - 1 + [...state.keys()].filter((each) => each.endsWith(".exp_avg")).length);
    },
  );
}
