/**
 * What a step costs a variant beside others: CPU time and wall time of a group, divided by those of engines that train
 * one after the other. With PEPNET_BASE, the folder of another built checkout, also whole studies against its own.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { batches } from "../src/core/data/encoded/batches.js";
import type { Batch, EncodedData } from "../src/core/data/encoded/encoded.js";
import { createCompiledEngine } from "../src/core/engine/compiled/compiled-engine.js";
import { EngineGroup } from "../src/core/engine/compiled/group.js";
import type { Engine } from "../src/core/engine/engine.js";
import { dataset, movielens100k } from "../src/index.js";
import type { Measurement, Report } from "./figure.js";
import { projectFolder } from "./models.js";
import { cost, median } from "./timing.js";
import { gridOf, movielensModel } from "./together-study.js";

const cases = [
  [64, 39],
  [128, 19],
  [256, 9],
  [512, 4],
] as const;
const [stepCount, rounds, stepsAtOnce] = [192, 7, 16];
const base = process.env.PEPNET_BASE;
const movielens = path.resolve(projectFolder, "..", "shared", "data", "ml-100k");

/** `together`, on MovieLens-100K of `../shared`. */
export const togetherMeasurement: Measurement = {
  name: "together",
  async run(report) {
    if (!existsSync(movielens)) {
      console.error("together: skipped, no ../shared/data/ml-100k");
      return;
    }
    for (const [batch, variants] of cases) await measureSteps(batch, variants, report);
    if (base === undefined) return;
    for (const batch of [256, 128]) await measureStudies(base, batch, report);
  },
};

async function measureSteps(batchSize: number, variants: number, report: Report): Promise<void> {
  const { spec } = movielensModel(batchSize);
  const rows = await dataset(await movielens100k(movielens));
  const data = (await rows.encode(spec)) as EncodedData;
  const all = batches(data, { batchSize, shuffle: true, seed: 1, epoch: 0, dropRemainder: true });
  const steps = Array.from({ length: stepCount }, () => all.next().value as Batch);
  const specs = Array.from({ length: variants }, (_, at) => ({
    ...spec,
    epnet: { ...spec.epnet, gamma: 0.5 + at / 3 },
  }));
  const lone = await createCompiledEngine(spec, { threads: 1 });
  const { places } = new EngineGroup(variants);
  const group = await Promise.all(specs.map((each, at) => places[at]!.open(each, 1)));
  const train = async (engine: Engine) => {
    for (let at = 0; at < steps.length; ) at += (await engine.train(steps.slice(at, at + stepsAtOnce), 0)).length;
  };
  const [cpu, wall]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const alone = await cost(() => train(lone));
    const together = await cost(() => Promise.all(group.map(train)));
    if (round < 0) continue;
    cpu.push(together.cpu / variants / alone.cpu);
    wall.push(together.wall / variants / alone.wall);
  }
  await Promise.all([lone, ...group].map((engine) => engine.dispose()));
  report(`together.${batchSize}.${variants}-variants.cpu-over-alone`, median(cpu), "ratio");
  report(`together.${batchSize}.${variants}-variants.wall-over-alone`, median(wall), "ratio");
}

/** Grids of gammas in processes of their own, which alternate. */
async function measureStudies(other: string, batch: number, report: Report): Promise<void> {
  const study = async (root: string) => {
    const script = path.join(__dirname, "together-study.js");
    const { stdout } = await promisify(execFile)(process.execPath, [script, root, String(batch), movielens]);
    return JSON.parse(stdout) as { cpu: number; wall: number };
  };
  const [cpu, wall]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round++) {
    const [theirs, ours] = [await study(other), await study(projectFolder)];
    cpu.push(ours.cpu / theirs.cpu);
    wall.push(ours.wall / theirs.wall);
  }
  report(`together.study-${batch}.${gridOf.length ** 2}-variants.cpu-over-base`, median(cpu), "ratio");
  report(`together.study-${batch}.${gridOf.length ** 2}-variants.wall-over-base`, median(wall), "ratio");
}
