import { assertThreads } from "../../engine/threads/index.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { grouped } from "../../util/text/format.js";
import { didYouMean } from "../../util/text/near.js";
import type { AblationOptions, SeedLimit, StudyRequest } from "./options.js";

/** Upper limits far beyond any useful study: larger numbers are mistakes that would take hours or all memory. */
const MOST = { parallel: 1000, draws: 100_000, seeds: 10_000 } as const;

/** @throws SpecError for options that are missing, invalid, or exclude each other */
export function checkOptions(options: StudyRequest): void {
  checkDesign(options);
  const { level, threads, parallel, draws } = options;
  if (level !== undefined && !(level > 0.5 && level < 1)) {
    const expected = "a probability between 0.5 and 1, such as 0.95";
    throw new SpecError({ path: "ablate.level", message: "not a valid level", received: String(level), expected });
  }
  checkMatters(options);
  assertThreads(threads, "ablate.threads");
  for (const [name, value] of Object.entries({ parallel, draws })) checkCount(name, value, MOST[name as "parallel"]);
  checkSeeds(options);
}

function checkCount(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0 && value <= most)) return;
  const expected = `a whole number from 1 to ${grouped(most)}`;
  throw new SpecError({ path: `ablate.${name}`, message: "not a valid count", received: String(value), expected });
}

function checkSeeds({ seeds, design }: StudyRequest): void {
  if (typeof seeds === "number") checkCount("seeds", seeds, MOST.seeds);
  if (isSeedLimit(seeds)) checkSeedLimit(seeds, design);
  if (Array.isArray(seeds) && (seeds.length === 0 || new Set(seeds).size < seeds.length)) {
    throw new SpecError({
      path: "ablate.seeds",
      message: "must be a non-empty list without duplicates",
      received: JSON.stringify(seeds),
      expected: "[1, 2, 3]",
    });
  }
}

function checkSeedLimit(limit: SeedLimit, design: AblationOptions["design"]): void {
  if (Object.keys(limit).join() !== "atMost") {
    throw new SpecError({
      path: "ablate.seeds",
      message: "a limit of seeds is { atMost }",
      received: JSON.stringify(limit),
      expected: "{ atMost: 20 }, a number, or a list of seeds",
    });
  }
  checkCount("seeds.atMost", limit.atMost ?? Number.NaN, MOST.seeds);
  if (design !== "halving") return;
  throw new SpecError({
    path: "ablate.seeds",
    message: "halving stops variants by its rounds, not by looks",
    received: `design "halving", seeds ${JSON.stringify(limit)}`,
    fix: `seeds: ${limit.atMost}, or another design`,
  });
}

/** @throws SpecError for an empty list, a repeated tower, or one that the model lacks */
export function checkTasks(tasks: AblationOptions["tasks"], spec: ModelSpec): void {
  if (tasks === undefined) return;
  const towers = spec.towers.map(({ name }) => name);
  const expected = `a list of ${towers.map((name) => JSON.stringify(name)).join(", ")}`;
  if (!Array.isArray(tasks) || tasks.length === 0 || new Set(tasks).size < tasks.length) {
    const message = "must be a non-empty list of towers without duplicates";
    throw new SpecError({ path: "ablate.tasks", message, received: JSON.stringify(tasks), expected });
  }
  const unknown = tasks.filter((name) => !towers.includes(name));
  if (unknown.length === 0) return;
  throw new SpecError(
    unknown.map((name) => ({
      path: "ablate.tasks",
      message: "unknown tower",
      received: JSON.stringify(name),
      expected,
      fix: didYouMean(String(name), towers),
    })),
  );
}

export function isSeedLimit(seeds: AblationOptions["seeds"]): seeds is SeedLimit {
  return typeof seeds === "object" && seeds !== null && !Array.isArray(seeds);
}

function checkMatters({ matters }: StudyRequest): void {
  const values = typeof matters === "object" && matters !== null ? Object.entries(matters) : [["", matters] as const];
  for (const [metric, value] of values) {
    if (value === undefined || (typeof value === "number" && Number.isFinite(value) && value > 0)) continue;
    throw new SpecError({
      path: metric === "" ? "ablate.matters" : `ablate.matters.${metric}`,
      message: "not a difference that could matter",
      received: String(value),
      expected: "a positive number, such as 0.002",
    });
  }
}

function checkDesign({ variants, design, budget, halving }: StudyRequest): void {
  if (variants === undefined) {
    throw new SpecError({
      path: "ablate.variants",
      message: "variants are required",
      expected: 'model.ablate(data, { variants: { "epnet.gamma": [1, 4] } })',
    });
  }
  if (design === "halving" && budget !== undefined) {
    throw new SpecError({
      path: "ablate",
      message: "halving and a budget exclude each other",
      received: `design "halving", budget ${JSON.stringify(budget)}`,
      fix: "remove one of them; halving has no time limit",
    });
  }
  if (halving !== undefined && design !== "halving") {
    throw new SpecError({ path: "ablate.halving", message: "these settings need halving", fix: 'design: "halving"' });
  }
}
