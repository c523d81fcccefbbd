/** `study-floors`: chooses the floor λ by simulation and writes its table (src/ablation/statistics/floor-table.ts). */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { seedsHalfWidth } from "../../src/ablation/statistics/group-noise.js";
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
/** Worst world's share of wrong studies over the error that was asked for. */
const tolerated = 1.14;
const steps = 0.001;

/** Takes about ten minutes; writes the table. */
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
    writeFileSync(path.join(projectFolder, "src/ablation/statistics/floor-table.ts"), tableText(floors));
  },
};

/** The smallest λ, by error, at which every world's share of wrong studies is tolerated. */
function floorsFor(seeds: number, variants: number): number[] {
  const worlds = Object.values(nullWorlds({ seeds, variants })).map((world) => neededIn(world, variants));
  return errors.map((error, at) => {
    const needed = worlds.map((byError) => quantileOf(byError[at]!, 1 - tolerated * error));
    return Math.min(1, Math.ceil(Math.max(...needed) / steps) * steps);
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

function neededBy({ noise, seeds }: SimulatedComparison, variants: number, error: number): number {
  const distance = Math.abs(noise.mean);
  if (distance <= seedsHalfWidth(seeds, variants, error, 0)) return 0;
  return (distance / seedsHalfWidth(seeds, variants, error, large)) * large;
}

/** A floor so large that only the comparison's runs count. */
const large = 1e6;

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
