/** `study-floors`: chooses the floor λ by simulation and writes its table (src/lab/ablation/statistics/floor-table.ts). */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { seedsMargins } from "../../src/lab/ablation/statistics/group-noise.js";
import type { Measurement } from "../figure.js";
import { projectFolder } from "../models.js";
import { quantileOf, type SimulatedComparison, simulatedComparisons } from "./simulate.js";
import { nullWorlds, type World } from "./worlds.js";

const seedCounts = [2, 3, 4, 5, 8, 12, 20];
const variantCounts = [2, 4, 8, 16];
/** Of a group: 0.05 for one task; less where tasks, domains or looks share it. */
const errors = [0.002, 0.01, 0.025, 0.05];
/** Studies per world: the chance of the table's smallest error must show. */
const studies = 6000;
/** Worst world's share of wrong studies over the error that was asked for; below 1, since worlds with skewed noise err more. */
const tolerated = 0.9;
const steps = 0.001;

/** With many seeds no world needs a floor, but a variant's runs should still count. */
function leastFloor(seeds: number): number {
  return seeds < 5 ? 0 : 0.6;
}

/** Takes about twenty minutes; writes the table. */
export const floorsMeasurement: Measurement = {
  name: "study-floors",
  onlyByName: true,
  async run(report) {
    const floors = seedCounts.map((seeds) =>
      variantCounts.map((variants) => {
        const row = floorsFor(seeds, variants);
        for (const [at, error] of errors.entries()) {
          report(`study-floors.${seeds}-seeds.${variants}-variants.error-${error}`, row[at]!, "ratio");
        }
        return row;
      }),
    );
    writeFileSync(path.join(projectFolder, "src/lab/ablation/statistics/floor-table.ts"), tableText(floors));
  },
};

/** The smallest λ, by error, at which every world's share of wrong studies is tolerated. */
function floorsFor(seeds: number, variants: number): number[] {
  const worlds = Object.values(nullWorlds({ seeds, variants })).map((world) => neededIn(world, variants));
  return errors.map((error, at) => {
    const needed = worlds.map((byError) => quantileOf(byError[at]!, 1 - tolerated * error));
    return Math.min(1, Math.max(leastFloor(seeds), Math.ceil(Math.max(...needed) / steps) * steps));
  });
}

/**
 * [errors][studies]: the λ from which on a study is right. A study is wrong unless λ is at least what its most
 * surprising comparison needs, so the λ of a share of wrong studies is a quantile of these.
 */
function neededIn(world: World, variants: number): number[][] {
  const needed: number[][] = errors.map(() => []);
  for (let study = 0; study < studies; study++) {
    const comparisons = simulatedComparisons(world(study + 1));
    for (const [at, error] of errors.entries()) {
      needed[at]!.push(Math.max(...comparisons.map((each) => neededBy(each, variants, error))));
    }
  }
  return needed;
}

/** The margin on the side of 0 grows with λ; without λ it is that of the moderated variance. */
function neededBy({ noise, seeds }: SimulatedComparison, variants: number, error: number): number {
  const side = noise.mean > 0 ? "below" : "above";
  const reaches = (floor: number) => seedsMargins(seeds, variants, error, floor, 1)[side] >= Math.abs(noise.mean);
  if (reaches(0)) return 0;
  if (!reaches(most)) return most;
  let [low, high] = [0, most];
  while (high - low > steps / 4) {
    const middle = (low + high) / 2;
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** No world needs a larger λ. */
const most = 4;

function tableText(floors: readonly (readonly (readonly number[])[])[]): string {
  const rows = floors.map((row) => `  [${row.map((cells) => `[${cells.map(text).join(", ")}]`).join(", ")}],`);
  return `/** Written by \`npm run bench -- study-floors\`; do not edit. λ by seeds, variants and error: see floor.ts. */

export const seedCounts: readonly number[] = [${seedCounts.join(", ")}];
export const variantCounts: readonly number[] = [${variantCounts.join(", ")}];
export const errors: readonly number[] = [${errors.join(", ")}];

// biome-ignore format: one line per number of seeds
/** [seeds][variants][error] */
export const floors: readonly (readonly (readonly number[])[])[] = [
${rows.join("\n")}
];
`;
}

function text(value: number): string {
  return String(Number(value.toFixed(3)));
}
