/** Files of the form of `golden/metrics.json`: metrics, losses, and Pareto weights of losses. */
import type { EngineName } from "../../src/core/engine/engine.js";
import type { CaseReport, Check } from "../check.js";
import { checkLossCase, type LossCase } from "./loss-case.js";
import { checkMetricCase, type MetricCase } from "./metric-case.js";
import { checkParetoCase, type ParetoCase } from "./pareto-case.js";

/** The parts of a file; each may be missing. */
export interface MetricFile {
  readonly metrics?: readonly MetricCase[];
  readonly losses?: readonly LossCase[];
  readonly pareto?: { readonly cases: readonly ParetoCase[] };
}

/** Whether a file is of this form. */
export function isMetricFile(file: MetricFile): boolean {
  return file.metrics !== undefined || file.losses !== undefined;
}

/** Every case of a file; losses on each engine. */
export async function* metricReports(
  { metrics = [], losses = [], pareto: { cases } = { cases: [] } }: MetricFile,
  engines: readonly EngineName[],
): AsyncGenerator<CaseReport> {
  for (const golden of metrics) yield await reported(golden.name, null, async () => checkMetricCase(golden));
  for (const golden of losses) {
    for (const engine of engines) yield await reported(golden.name, engine, () => checkLossCase(golden, engine));
  }
  for (const golden of cases) {
    const check = async (engine: EngineName) => ({ checks: await checkParetoCase(golden, engine), note: null });
    for (const engine of engines) yield await reported(`pareto: ${golden.name}`, engine, () => check(engine));
  }
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
