/** What fits cost as domains, features and tasks grow, each size in a fresh process, with the exponents of the costs. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { mean } from "../src/core/util/numbers.js";
import type { Measurement, Report } from "./figure.js";
import type { ModelCost, ModelSize } from "./scale-models-child.js";

const usual: ModelSize = { domains: 10, features: 10, tasks: 2 };

const sizes: Readonly<Record<keyof ModelSize, readonly number[]>> = {
  domains: [3, 10, 30, 100, 300, 1000],
  features: [10, 30, 100, 300],
  tasks: [1, 2, 5, 10, 20],
};

const costs = {
  firstMillis: "first-cpu-ms",
  againMillis: "again-cpu-ms",
  stepMillis: "step-cpu-ms",
  evaluationMillis: "evaluate-cpu-ms",
  peakMegabytes: "peak",
} as const;

const keys = Object.keys(costs) as (keyof typeof costs)[];

/** `scale-domains`, `scale-features`, `scale-tasks`: figures of each size, then the exponents of each cost. */
export const scaleModelMeasurements: readonly Measurement[] = (["domains", "features", "tasks"] as const).map(
  (part) => ({ name: `scale-${part}`, onlyByName: true, run: (report) => measure(part, report) }),
);

async function measure(part: keyof ModelSize, report: Report): Promise<void> {
  const measured: { size: number; cost: ModelCost }[] = [];
  for (const size of sizes[part]) {
    const cost = await inChild({ ...usual, [part]: size });
    measured.push({ size, cost });
    for (const key of keys)
      report(`scale-${part}.${size}.${costs[key]}`, cost[key], key === "peakMegabytes" ? "MB" : "ms");
    report(`scale-${part}.${size}.floor-share`, cost.floorShare, "ratio");
  }
  for (const key of keys) {
    const points = measured.map(({ size, cost }) => [Math.log(size), Math.log(Math.max(1, cost[key]))] as const);
    report(`scale-${part}.${costs[key]}.exponent`, slope(points), "ratio");
    const neighbours = points.slice(1).map((point, at) => slope([points[at]!, point]));
    report(`scale-${part}.${costs[key]}.steepest`, Math.max(...neighbours), "ratio");
  }
}

/** The slope of the line of least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const squares = points.reduce((sum, [each]) => sum + (each - x) ** 2, 0);
  return points.reduce((sum, [eachX, eachY]) => sum + (eachX - x) * (eachY - y), 0) / squares;
}

async function inChild(size: ModelSize): Promise<ModelCost> {
  const child = path.join(__dirname, "scale-models-child.js");
  const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(size)]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as ModelCost;
}
