/**
 * `study-statistics`: false verdicts, coverage, half-widths and power of studies in simulated worlds.
 * `--worlds FILE` measures the worlds of a module instead: `export const worlds = { name: (seed) => runs }`, where runs
 * are `[tasks][models][seeds]` of `{ value, draws? }`, and the first model is the one that others are compared with.
 */

import { readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import { studentQuantile } from "../../src/core/metrics/distributions.js";
import type { Measurement, Report } from "../figure.js";
import { powerIn, quantileOf, repeated, simulatedComparisons } from "./simulate.js";
import { repeatedWithLooks } from "./stopping.js";
import { nullWorlds, otherWorlds, type StudySize, skewedWorlds, type World } from "./worlds.js";

const studies = 1000;
const sizes: readonly StudySize[] = [
  { variants: 8, seeds: 5 },
  { variants: 8, seeds: 5, tasks: 2 },
  { variants: 8, seeds: 3 },
  { variants: 3, seeds: 5 },
  { variants: 1, seeds: 5 },
  { variants: 8, seeds: 5, modelSeeds: 13 },
  { variants: 8, seeds: 4, modelSeeds: 13 },
];
/** Joint confidence of the comparisons over all rows, if a model has domains. */
const withDomains = 0.96;

/** With looks: seeds at most. Three variants of twenty seeds get five looks. */
const stoppingSizes: readonly StudySize[] = [
  { variants: 8, seeds: 8 },
  { variants: 3, seeds: 20, tasks: 2 },
];
/** One variant differs by far, and one by as much as matters: it must not be called equivalent. */
const matters = 2.5;
const effects = [0, 4, matters];

/** Of {@link statisticsMeasurement}: the file of `--worlds`. */
export const chosenWorlds: { file: string | null } = { file: null };

export const statisticsMeasurement: Measurement = {
  name: "study-statistics",
  async run(report) {
    if (chosenWorlds.file !== null) return measureChosen(worldsIn(chosenWorlds.file), report);
    for (const size of sizes) {
      const extra = size.modelSeeds === undefined ? "" : `.${size.modelSeeds}-of-the-model`;
      const name = `study-statistics.${size.tasks ?? 1}-tasks.${size.variants}-variants.${size.seeds}-seeds${extra}`;
      measureWorlds(name, { ...nullWorlds(size), ...otherWorlds(size), ...skewedWorlds(size) }, report);
      const equal = nullWorlds(size)["equal variances"]!;
      report(`${name}.half-width-over-own-variance`, repeated(equal, studies).halfWidth / widthAlone(equal), "ratio");
      report(`${name}.power-of-two-deviations`, powerIn(equal, 2, studies), "ratio");
      const power = powerIn(equal, 2, studies, withDomains);
      report(`${name}.power-of-two-deviations-with-domains`, power, "ratio");
    }
    for (const size of stoppingSizes) {
      const name = `study-statistics.stopping.${size.tasks ?? 1}-tasks.${size.variants}-variants.${size.seeds}-seeds`;
      measureStopping(name, { ...nullWorlds(size), ...otherWorlds(size), ...skewedWorlds(size) }, report);
    }
  },
};

/** With all of the worlds' seeds for every variant, and with as many seeds at most. */
function measureChosen(worlds: Readonly<Record<string, World>>, report: Report): void {
  measureWorlds("study-statistics", worlds, report);
  for (const [name, world] of Object.entries(worlds)) {
    const { wrong } = repeatedWithLooks(world, {}, studies);
    report(`study-statistics.${placeName(name)}.wrong-of-1000-with-looks`, wrong, "count");
  }
}

function measureWorlds(prefix: string, worlds: Readonly<Record<string, World>>, report: Report): void {
  for (const [name, world] of Object.entries(worlds)) {
    const { wrong, covered, halfWidth } = repeated(world, studies);
    const place = `${prefix}.${placeName(name)}`;
    report(`${place}.wrong-of-1000`, wrong, "count");
    report(`${place}.covered`, covered, "ratio");
    report(`${place}.half-width`, halfWidth, "ratio");
  }
}

/** Without differences nothing may be found; with some, nothing else. */
function measureStopping(prefix: string, worlds: Readonly<Record<string, World>>, report: Report): void {
  for (const [name, world] of Object.entries(worlds)) {
    const place = `${prefix}.${placeName(name)}`;
    report(`${place}.wrong-of-1000`, repeatedWithLooks(world, {}, studies).wrong, "count");
    const { wrong, missed, runs } = repeatedWithLooks(world, { matters, effects }, studies);
    report(`${place}.wrong-of-1000-with-differences`, wrong, "count");
    report(`${place}.missed-of-1000-with-differences`, missed, "count");
    report(`${place}.runs-with-differences`, runs, "count");
  }
}

function placeName(world: string): string {
  return world.replaceAll(/[ ,.]+/g, "-");
}

/** Median half-width if each comparison knew only its own variance, corrected by Bonferroni's rule. */
function widthAlone(world: World): number {
  const comparisons = Array.from({ length: studies }, (_, study) => simulatedComparisons(world(study + 1)));
  const halves = comparisons.flatMap((all) =>
    all.map(({ noise: { seeds, seedVariance } }) => {
      return studentQuantile(0.05 / all.length, seeds - 1) * Math.sqrt(seedVariance! / seeds);
    }),
  );
  return quantileOf(halves, 0.5);
}

/** Worlds of a TypeScript or JavaScript module, with or without `export`. */
function worldsIn(file: string): Record<string, World> {
  const ts = require("typescript") as typeof import("typescript");
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions: options });
  const absolute = path.resolve(file);
  const module = new Module(absolute) as Module & { _compile(code: string, file: string): void; paths: string[] };
  module.filename = absolute;
  module.paths = [path.dirname(absolute)];
  module._compile(outputText, absolute);
  const { worlds } = module.exports as { worlds?: Record<string, World> };
  if (worlds === undefined) throw new Error(`${file} has no export "worlds"`);
  return worlds;
}
