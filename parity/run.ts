/** Runs a file of cases, or the folder of a whole run, case by case and engine by engine. */

import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { EngineName } from "../src/core/engine/engine.js";
import { ConfigError } from "../src/core/errors/index.js";
import type { CaseReport, Check } from "./check.js";
import { checkFeatureCase, type FeatureCase } from "./features/feature-case.js";
import { isMetricFile, type MetricFile, metricReports } from "./metrics/metric-file.js";
import { checkModelCase, type ModelCase } from "./model-case.js";
import { checkModeCase, checkSizes, hasTable, type ModeEntry } from "./modes/mode-case.js";
import { checkOptimizerCase, type OptimizerCase } from "./optimizer-case.js";
import { type RoundingSpread, roundingSpread } from "./rounding.js";
import { checkWholeRun, openWholeRun } from "./whole-run.js";

/** The engines to run on; `null`: all available, `cpu` only for cases. */
export type Engines = readonly EngineName[] | null;

/**
 * Yields the reports of a path.
 * @throws ConfigError if the path is neither a file of cases nor the folder of a run.
 */
export async function* parityReports(place: string, engines: Engines): AsyncGenerator<CaseReport> {
  const found = await stat(place).catch(() => null);
  if (found === null) {
    throw new ConfigError({ path: place, message: "the path does not exist", fix: "check the path" });
  }
  if (found.isDirectory()) yield* runReports(place, engines);
  else yield* fileReports(place, engines);
}

async function* runReports(folder: string, engines: Engines): AsyncGenerator<CaseReport> {
  const name = path.basename(path.resolve(folder));
  const run = await openWholeRun(folder);
  let measured: Promise<RoundingSpread> | null = null;
  const spread = () => {
    measured ??= roundingSpread(run, run.weights);
    return measured;
  };
  // A whole run in plain JavaScript takes an hour.
  for (const engine of engines ?? (await installed()).filter((name) => name !== "cpu")) {
    try {
      yield { name, engine, ...(await checkWholeRun(run, engine, spread)), error: null };
    } catch (error) {
      yield { name, engine, checks: [], note: null, error: (error as Error).message };
    }
  }
}

interface GoldenFile extends MetricFile {
  readonly cases?: readonly (ModelCase | OptimizerCase)[];
  readonly FG_NONE?: readonly ModeEntry[];
}

async function* fileReports(file: string, engines: Engines): AsyncGenerator<CaseReport> {
  const golden = JSON.parse(await readFile(file, "utf8")) as GoldenFile;
  const { cases, FG_NONE: modes } = golden;
  if (Array.isArray(modes)) {
    yield* modeReports(modes);
    return;
  }
  if (isMetricFile(golden)) {
    yield* metricReports(golden, engines ?? (await installed()));
    return;
  }
  if (!Array.isArray(cases)) {
    throw new ConfigError({
      path: file,
      message: "the file has no cases",
      expected: 'a file like golden/pepnet.json or golden/dense_optimizers.json: { "cases": […] }',
    });
  }
  for (const golden of cases as readonly (ModelCase | FeatureCase | OptimizerCase)[]) {
    if ("feature_configs" in golden) {
      for (const engine of engines ?? (await installed())) {
        yield await report(golden.name, engine, () => checkFeatureCase(golden, engine));
      }
    } else if ("model_config" in golden) {
      for (const engine of engines ?? (await installed())) {
        yield await report(golden.name, engine, () => checkModelCase(golden, { engine }));
      }
    } else if ("after" in golden) yield await report(golden.name, null, async () => checkOptimizerCase(golden));
    else {
      const error = "unknown kind of case: neither a model_config nor the steps of an optimiser";
      yield {
        name: (golden as { name?: string }).name ?? "a case without a name",
        engine: null,
        checks: [],
        note: null,
        error,
      };
    }
  }
}

/** Every feature of a mode: its sizes, then its columns. */
async function* modeReports(entries: readonly ModeEntry[]): AsyncGenerator<CaseReport> {
  for (const entry of entries) {
    const about = `${entry.kind} { ${entry.config.slice(0, 400)} }`;
    if (hasTable(entry)) {
      yield await report(`${about}: sizes`, null, async () => checkSizes(entry));
    }
    for (const golden of entry.cases ?? []) {
      const name = `${about}: ${golden.column.type} ${JSON.stringify(golden.column.values)}`;
      try {
        yield { name, engine: null, error: null, ...(await checkModeCase(entry, golden)) };
      } catch (error) {
        yield { name, engine: null, checks: [], note: null, error: (error as Error).message };
      }
    }
  }
}

async function report(
  name: string,
  engine: EngineName | null,
  check: () => Promise<readonly Check[]>,
): Promise<CaseReport> {
  try {
    return { name, engine, checks: await check(), note: null, error: null };
  } catch (error) {
    return { name, engine, checks: [], note: null, error: (error as Error).message };
  }
}

/** The engines that this machine has. */
async function installed(): Promise<readonly EngineName[]> {
  const { tfjsNodeProblem } = await import("../src/core/engine/tfjs-node.js");
  return ["compiled", "cpu", "wasm", ...(tfjsNodeProblem() === null ? (["tfjs-node"] as const) : [])];
}
