/** Files of the form of `golden/metrics.json`: metrics, losses, and Pareto weights of losses. */
import type { EngineName } from "../../src/engine/engine.js";
import type { CaseReport, Check } from "../check.js";
import { checkMetricCase, type MetricCase } from "./metric-case.js";

/** The parts of a file; each may be missing. */
export interface MetricFile {
  readonly metrics?: readonly MetricCase[];
}

/** Whether a file is of this form. */
export function isMetricFile(file: MetricFile): boolean {
  return file.metrics !== undefined;
}

/** Every case of a file; losses on each engine. */
export async function* metricReports(
  { metrics = [] }: MetricFile,
  _engines: readonly EngineName[],
): AsyncGenerator<CaseReport> {
  for (const golden of metrics) yield await reported(golden.name, null, async () => checkMetricCase(golden));
}

async function reported(
  name: string,
  engine: EngineName | null,
  check: () => Promise<{ readonly checks: readonly Check[]; readonly note: string | null }>,
): Promise<CaseReport> {
  try {
    return { name, engine, error: null, ...(await check()) };
  } catch (error) {
    return { name, engine, checks: [], note: null, error: (error as Error).message };
  }
}
