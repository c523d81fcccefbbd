/** What fits cost as domains, features, tasks and ids grow, each size in a fresh process, with the exponents of the costs. */
import { resultOf } from "./child.js";
import { reportExponent } from "./exponent.js";
import type { Measurement, Report } from "./figure.js";
import type { ModelCost, ModelSize } from "./scale-models-child.js";

const usual: ModelSize = { domains: 10, features: 10, tasks: 2, values: 10_000 };

const sizes: Readonly<Record<keyof ModelSize, readonly number[]>> = {
  domains: [3, 10, 30, 100, 300, 1000],
  features: [10, 30, 100, 300],
  tasks: [1, 2, 5, 10, 20],
  values: [1e4, 1e5, 1e6, 1e7],
};

const costs = {
  firstMillis: "first-cpu-ms",
  againMillis: "again-cpu-ms",
  stepMillis: "step-cpu-ms",
  evaluationMillis: "evaluate-cpu-ms",
  peakMegabytes: "peak",
} as const;

const keys = Object.keys(costs) as (keyof typeof costs)[];

const parts = Object.keys(sizes) as (keyof ModelSize)[];

/** `scale-domains`, `scale-features`, `scale-tasks`, `scale-values`: figures of each size, then the exponents of each cost. */
export const scaleModelMeasurements: readonly Measurement[] = parts.map((part) => {
  return { name: `scale-${part}`, onlyByName: true, run: (report) => measure(part, report) };
});

/** What the rows cost with the fewest domains, and 1.5 times the traffic of all weights. */
function goal({ trafficMillis }: ModelCost, [fewest]: readonly { readonly cost: ModelCost }[]): number {
  return (fewest?.cost.stepMillis ?? 0) + 1.5 * trafficMillis;
}

async function measure(part: keyof ModelSize, report: Report): Promise<void> {
  const measured: { size: number; cost: ModelCost }[] = [];
  for (const size of sizes[part]) {
    const cost = await resultOf<ModelCost>("scale-models-child.js", [JSON.stringify({ ...usual, [part]: size })]);
    measured.push({ size, cost });
    for (const key of keys)
      report(`scale-${part}.${size}.${costs[key]}`, cost[key], key === "peakMegabytes" ? "MB" : "ms");
    report(`scale-${part}.${size}.floor-share`, cost.floorShare, "ratio");
    if (part === "domains")
      report(`scale-domains.${size}.step-over-goal`, cost.stepMillis / goal(cost, measured), "ratio");
  }
  for (const key of keys)
    reportExponent(
      `scale-${part}.${costs[key]}`,
      measured.map(({ size, cost }) => [size, cost[key]]),
      report,
    );
}
