/** Event files for TensorBoard: read by its own reader where Python has it, and by a reader of this test. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import protobuf from "protobufjs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import type { FitOptions } from "../../../src/api/training/engines.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { exponentialDecay } from "../../../src/core/builder/learning-rates.js";
import { adagrad } from "../../../src/core/builder/optimizers.js";
import { crc32c, EventLog } from "../../../src/core/train/event-log.js";
import { columns, pepnetIn, writeProject } from "../../kernel/cli/command.js";
import { python } from "../../kernel/python.js";

const schema = `syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; } }
  message SessionLog { int32 status = 1; }
  message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }`;
const Event = protobuf.parse(schema, { keepCase: true }).root.lookupType("Event");

interface ReadEvent {
  readonly wall_time: number;
  readonly step: number;
  readonly file_version?: string;
  readonly session_log?: { readonly status: number };
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simple_value?: number }[] };
}

/** CRC-32C bit by bit, masked as in TFRecords. */
function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

async function eventsIn(folder: string): Promise<ReadEvent[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith("events.out.tfevents.")).sort();
  const events: ReadEvent[] = [];
  for (const name of files) {
    const bytes = await readFile(path.join(folder, name));
    for (let at = 0; at < bytes.length; ) {
      const length = Number(bytes.readBigUInt64LE(at));
      expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
      const message = bytes.subarray(at + 12, at + 12 + length);
      expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc(message));
      events.push({ step: 0, ...Event.toObject(Event.decode(message), { longs: Number }) } as ReadEvent);
      at += length + 16;
    }
  }
  return events;
}

type Series = Record<string, [step: number, value: number][]>;

/** What a reader keeps: a session's start discards its step and later ones. */
async function seriesIn(folder: string): Promise<Series> {
  const series: Series = {};
  for (const { step, session_log, summary } of await eventsIn(folder)) {
    if (session_log?.status === 1) {
      for (const tag of Object.keys(series)) series[tag] = series[tag]!.filter(([at]) => at < step);
    }
    for (const { tag, simple_value = 0 } of summary?.value ?? []) {
      series[tag] = [...(series[tag] ?? []), [step, simple_value]];
    }
  }
  return series;
}

const reader = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
log = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
log.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in log.Scalars(tag)] for tag in log.Tags()["scalars"]}))`;

const tensorboard = ((): boolean => {
  if (python === null) return false;
  try {
    execFileSync(python, ["-c", "import tensorboard.backend.event_processing.event_accumulator"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-tensorboard-"));
});
afterAll(() => rm(folder, { recursive: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

const validation = columns(300, 2);
const short = pepnet()
  .features(idFeature("user").buckets(40).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("clk", "like")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("scene", ["feed", "search page"])
  .tower("click", (t) => t.label("clk").mlp(8).bce().auc().whileTraining({ decayStep: 2 }))
  .tower("like", (t) => t.label("like").mlp(8).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
  .train({
    epochs: 3,
    batchSize: 64,
    seed: 5,
    sparse: adagrad(0.05),
    denseLearningRate: exponentialDecay({ every: 10, factor: 0.5 }),
  });
const fit = (options: FitOptions) => short.fit(columns(1280, 1), { validation, quiet: true, ...options });

describe("a log for TensorBoard", () => {
  it("has a training's losses, rates, norms and metrics under TorchEasyRec's tags", async () => {
    const half = (scores: Float32Array) => scores.length / 2;
    const run = await fit({ tensorboard: at("whole"), metrics: { half } });
    const [version, start] = await eventsIn(at("whole"));
    expect(version).toMatchObject({ file_version: "brain.Event:2" });
    expect(start).toMatchObject({ step: 0, session_log: { status: 1 } });
    const { points, evaluations } = run.history;
    const training = await seriesIn(at("whole"));
    expect(Object.keys(training).sort()).toEqual([
      "global_gradient_norm",
      "loss/binary_cross_entropy_click",
      "loss/binary_cross_entropy_like",
      "loss/total",
      "lr/g0",
      "lr/g1",
      "metric/auc_click",
      "rows_per_second",
    ]);
    const f32 = Math.fround;
    expect(training["loss/total"]).toEqual(points.map(({ step, loss }) => [step, f32(loss)]));
    expect(training["lr/g0"]!.every(([, rate]) => rate === f32(0.05))).toBe(true);
    expect(training["lr/g1"]).toEqual(points.map(({ step, learningRates }) => [step, f32(learningRates!["dense"]!)]));
    expect(training["global_gradient_norm"]!.map(([step]) => step)).toEqual([1, 11, 21, 31, 41, 51]);
    const evaluated = await seriesIn(at("whole", "eval_val"));
    const values = (read: (tasks: (typeof evaluations)[number]["evaluation"]["tasks"]) => number | null) =>
      evaluations.map(({ step, evaluation }) => [step, f32(read(evaluation.tasks)!)]);
    expect(evaluated["metric/auc_click"]).toEqual(values(([click]) => click!.overall.configured["auc"]!));
    expect(evaluated["metric/auc_like"]).toEqual(values(([, like]) => like!.allRows.configured["auc"]!));
    expect(evaluated["metric/binary_cross_entropy_click"]).toEqual(values(([click]) => click!.overall.logLoss));
    // One definition a tag: over all rows, or within the space, the total as its domains.
    expect(evaluated["metric/auc_like/within clk"]).toEqual(values(([, like]) => like!.overall.configured["auc"]!));
    expect(evaluated["metric/auc_like/within clk/search page"]).toEqual(
      values(([, like]) => like!.domains[1]!.configured["auc"]!),
    );
    expect(evaluated).not.toHaveProperty("metric/auc_like/search page");
    expect(evaluated["metric/auc_click/search page"]).toEqual(
      values(([click]) => click!.domains[1]!.configured["auc"]!),
    );
    expect(evaluated["metric/half_click"]!.at(-1)![1]).toBe(150);
  });

  it("continues where an interrupted training resumes, each step once, and keeps what it has until then", async () => {
    const checkpoints = { folder: at("run"), existing: "resume" } as const;
    const stop = new AbortController();
    const onStep = ({ step }: { readonly step: number }) => void (step === 25 && stop.abort());
    const first = await fit({ tensorboard: at("log"), checkpoints, signal: stop.signal, onStep });
    const steps = (await seriesIn(at("log")))["loss/total"]!.map(([step]) => step);
    expect(steps).toEqual(first.history.points.map(({ step }) => step));
    const run = await fit({ tensorboard: at("log"), checkpoints });
    const training = await seriesIn(at("log"));
    expect(training["loss/total"]).toEqual(run.history.points.map(({ step, loss }) => [step, Math.fround(loss)]));
    expect((await seriesIn(at("log", "eval_val")))["metric/auc_click"]!.map(([step]) => step)).toEqual(
      run.history.evaluations.map(({ step }) => step),
    );
    const times = (await eventsIn(at("log"))).filter(({ summary }) => summary).map(({ wall_time }) => wall_time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs(times.at(-1)! - Date.now() / 1000)).toBeLessThan(60);
  });

  it("of a new training in the same folder replaces the one before", async () => {
    const run = await fit({ tensorboard: at("log"), steps: 5 });
    expect((await seriesIn(at("log")))["loss/total"]).toHaveLength(run.history.points.length);
  });

  it.skipIf(!tensorboard)("is read by TensorBoard itself", async () => {
    for (const place of [at("whole"), at("whole", "eval_val"), at("log"), at("log", "eval_val")]) {
      const printed = execFileSync(python!, ["-c", reader, place], { stdio: ["ignore", "pipe", "ignore"] });
      const series = await seriesIn(place);
      expect(Object.keys(series).length).toBeGreaterThan(3);
      expect(JSON.parse(printed.toString())).toEqual(series);
    }
  });

  it("in a folder that cannot be written is an error before training", async () => {
    await writeFile(at("file"), "");
    const refused = fit({ tensorboard: at("file", "log"), onStep: () => expect.fail("a step") });
    await expect(refused).rejects.toThrow(/fit: tensorboard: cannot write event files[\s\S]*choose a writable folder/);
  });

  it("that can no longer be written leaves the training alone, and a note", async () => {
    const log = await EventLog.open(at("full"), short.spec, null);
    const { history } = await fit({ steps: 3 });
    const progress = { step: 3, totalSteps: 3, epoch: 1, rowsPerSecond: 1, secondsLeft: 0, done: true, history };
    expect(await log.close()).toEqual([]);
    log.take(progress); // the file is closed
    expect(await log.close()).toEqual([expect.stringMatching(/the log for TensorBoard is incomplete: /)]);
  });

  it("dates no step before the one in front of it, also where a report was late", async () => {
    const { history } = await fit({ steps: 3 });
    const clock = vi.spyOn(Date, "now").mockReturnValue(100_000);
    const log = await EventLog.open(at("late"), short.spec, null);
    const points = [1, 1.1, 1.9].map((seconds, at) => ({ ...history.points[0]!, step: at + 1, seconds }));
    const progress = { step: 3, totalSteps: 3, epoch: 1, rowsPerSecond: 1, secondsLeft: 0, done: true };
    clock.mockReturnValue(101_500); // half a second after the step
    log.take({ ...progress, history: { ...history, points: points.slice(0, 1), evaluations: [] } });
    clock.mockReturnValue(102_000);
    log.take({ ...progress, history: { ...history, points, evaluations: [] } });
    vi.restoreAllMocks();
    await log.close();
    const times = (await eventsIn(at("late"))).filter(({ summary }) => summary).map(({ wall_time }) => wall_time);
    expect(times).toEqual([101.5, 101.5, 102]);
  });

  it("of several seeds has a folder for each", async () => {
    await short
      .train({ seed: 3 })
      .fit(columns(1280, 1), { validation, quiet: true, steps: 2, seeds: 2, tensorboard: at("seeds") });
    expect((await readdir(at("seeds"))).sort()).toEqual(["seed-3", "seed-4"]);
  });

  it("is written by the command line", async () => {
    await writeProject(folder, 1024);
    const { code, err } = await pepnetIn(
      folder,
      "train",
      "--config",
      "pipeline.config",
      "--train",
      "train.parquet",
      "--eval",
      "test.parquet",
      "--out",
      "trained",
      "--tensorboard",
      "tb",
    );
    expect(err).not.toMatch(/error/);
    expect(code).toBe(0);
    expect((await seriesIn(at("tb")))["loss/total"]!.at(-1)![0]).toBe(128);
    expect(await seriesIn(at("tb", "eval_val"))).toHaveProperty("metric/auc_click");
  });

  it("has the checksums of RFC 3720", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
  });
});
