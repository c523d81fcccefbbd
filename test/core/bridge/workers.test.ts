/** `train.sh` divides a run's batches and steps among workers, as TorchEasyRec's Parquet reader cuts the rows. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pathWithTools, scriptFor } from "./train-script.js";

let folder: string;
let toolPath: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-workers-"));
  toolPath = await pathWithTools(folder, { torchrun: `printf '%s\\n' "$@"`, python: "" });
});
afterAll(() => rm(folder, { recursive: true }));

interface Case {
  readonly rows: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly workers: number;
  readonly readers: number;
  readonly dropRemainder?: boolean;
}

interface Edits {
  readonly "data_config.batch_size"?: number;
  readonly "train_config.num_steps"?: number;
}

type Outcome = { readonly code: number; readonly text: string; readonly edits: Edits };

async function edits(
  { rows, batchSize, steps, workers, readers, dropRemainder = false }: Case,
  given = {},
): Promise<Outcome> {
  const config = `train_config {\n  num_steps: ${steps}\n}\neval_config {\n  num_steps: 7\n}\ndata_config {\n  batch_size: ${batchSize}\n  num_workers: ${readers}\n}\n`;
  await writeFile(path.join(folder, "pipeline.config"), config);
  await writeFile(path.join(folder, "train.sh"), scriptFor({ rows, batchSize, steps, dropRemainder }));
  const env = { ...process.env, PATH: toolPath };
  const more = Object.keys(given).length === 0 ? [] : ["--edit_config_json", JSON.stringify(given)];
  return new Promise((resolve) => {
    execFile("bash", [path.join(folder, "train.sh"), String(workers), ...more], { env }, (error, out, err) => {
      const lines = out.split("\n");
      const json = lines[lines.indexOf("--edit_config_json") + 1];
      resolve({
        code: error === null ? 0 : Number(error.code),
        text: out + err,
        edits: JSON.parse(json || "{}") as Edits,
      });
    });
  });
}

/**
 * Rows that all workers take in some steps, as `tzrec/datasets` of TorchEasyRec reads a Parquet file: workers × readers
 * parts of equal size, the first ones with a row more where rows are left over, unless that row would be a batch of its
 * own; in batches of each reader, which a worker takes from its readers in turn; and then from the start.
 */
function rowsTaken(question: Omit<Case, "batchSize"> & { readonly batch: number }): number {
  const { rows, batch, steps, workers, readers, dropRemainder = false } = question;
  const parts = workers * readers;
  const size = Math.floor(rows / parts);
  const batches = (part: number): number[] => {
    const isLonger = part < rows % parts && !(size % batch === 0 && (size + 1) % batch === 1);
    const own = size + (isLonger ? 1 : 0);
    const whole = Array.from({ length: Math.floor(own / batch) }, () => batch);
    return dropRemainder || own % batch === 0 ? whole : [...whole, own % batch];
  };
  let taken = 0;
  for (let worker = 0; worker < workers; worker++) {
    const queues = Array.from({ length: readers }, (_, reader) => batches(worker * readers + reader));
    const epoch: number[] = [];
    for (let turn = 0; queues.some((queue) => turn < queue.length); turn++) {
      for (const queue of queues) if (turn < queue.length) epoch.push(queue[turn]!);
    }
    for (let step = 0; step < steps; step++) taken += epoch[step % epoch.length]!;
  }
  return taken;
}

const sizes: readonly Omit<Case, "workers" | "readers">[] = [
  { rows: 1000, batchSize: 64, steps: 12 },
  { rows: 1000, batchSize: 64, steps: 24 },
  { rows: 1023, batchSize: 64, steps: 39 },
  { rows: 1024, batchSize: 64, steps: 40 },
  { rows: 1025, batchSize: 64, steps: 41 },
  { rows: 1150, batchSize: 128, steps: 20 },
  { rows: 100_000, batchSize: 1024, steps: 250 },
  { rows: 1000, batchSize: 64, steps: 20, dropRemainder: true },
  { rows: 10_000, batchSize: 100, steps: 250, dropRemainder: true },
  { rows: 10_099, batchSize: 100, steps: 199, dropRemainder: true },
];
const places = [
  [1, 1],
  [2, 1],
  [3, 1],
  [8, 1],
  [1, 8],
  [4, 2],
] as const;

describe.each(sizes)("$steps steps of $batchSize of $rows rows, dropping: $dropRemainder", (size) => {
  it.each(places)("on %i workers with %i readers each", async (workers, readers) => {
    const question = { ...size, workers, readers };
    const { code, text, edits: made } = await edits(question);
    expect(code, text).toBe(0);
    const share = Math.ceil(size.batchSize / workers);
    expect(made["data_config.batch_size"]).toBe(share);
    const steps = made["train_config.num_steps"] ?? size.steps;
    if (workers === 1 && readers === 1) expect(steps).toBe(size.steps);
    const there = rowsTaken({ ...question, batch: share, steps });
    const here = rowsTaken({ ...size, batch: size.batchSize, workers: 1, readers: 1 });
    // Whole passes agree, but for rows that are dropped or left over in each; the rest, to a step of all workers.
    const passes = Math.floor(size.steps / (size.rows / size.batchSize));
    const perPass = size.dropRemainder ? size.batchSize + workers * readers * share : workers * readers;
    expect(Math.abs(there - here)).toBeLessThanOrEqual(share * workers + passes * perPass);
  });
});

describe("a number that you set", () => {
  const question = { rows: 1150, batchSize: 128, steps: 20, workers: 3, readers: 1 };

  it("of steps or epochs stays", async () => {
    const steps = { "train_config.num_steps": 5 };
    expect((await edits(question, steps)).edits).toEqual({ "data_config.batch_size": 43, ...steps });
    const epochs = { "train_config.num_steps": 0, "train_config.num_epochs": 3 };
    expect((await edits(question, epochs)).edits).toEqual({ "data_config.batch_size": 43, ...epochs });
  });

  it("of rows a batch makes as many more steps, as the rows stay", async () => {
    const made = await edits({ ...question, workers: 1 }, { "data_config.batch_size": 64 });
    expect(made.edits).toEqual({ "data_config.batch_size": 64, "train_config.num_steps": 2 * 18 + 4 });
  });

  it("of readers counts as well", async () => {
    const made = await edits({ ...question, workers: 1 }, { "data_config.num_workers": 8 });
    expect(made.edits["train_config.num_steps"]).toBe(2 * 16 + 2);
  });
});

it("workers without a batch are refused, with which TorchEasyRec would count steps for ever", async () => {
  const question = { rows: 100, batchSize: 64, steps: 3, workers: 2, readers: 8, dropRemainder: true };
  const { code, text } = await edits(question);
  expect(code).toBe(2);
  expect(text).toContain("100 rows are no batch for each of 16 readers: use fewer workers");
});
