import { measuredColumns } from "../../data/encoded/index.js";
import type { GatesReport } from "../../gates/index.js";
import { gatesReport } from "../../gates/index.js";
import { domainName, type TowerSpec } from "../../spec/index.js";
import { drawnUsers, fit, type History, type Predictions, predict } from "../../train/index.js";
import { inTurns } from "../../util/turns.js";
import { type DrawnTask, drawingMetrics } from "../statistics/metric-draws.js";
import type { RunRequest } from "./run-request.js";
import { trainApart } from "./train-apart.js";

export interface RunResult {
  readonly seed: number;
  readonly user: string | null;
  readonly evaluationRows: number;
  readonly domainNames: readonly string[];
  /** Label whose positive rows a task is evaluated on, by tower; `null`: all rows. */
  readonly within: Readonly<Record<string, string | null>>;
  readonly tasks: readonly DrawnTask[];
  readonly history: History;
  /** `null` where they were not asked for. */
  readonly gates: GatesReport | null;
  /** Of training, without evaluations and start. */
  readonly rowsPerSecond: number;
  readonly seconds: number;
}

/** Trains and evaluates; `null` if interrupted, since partial runs are not comparable. */
export async function trainRun(request: RunRequest): Promise<RunResult | null> {
  const { spec, signal } = request;
  const start = performance.now();
  try {
    const trained = spec.baseline?.kind === "single_domain" ? await trainApart(request) : await trainTogether(request);
    if (trained === null) return null;
    return { ...(await measured(request, trained)), seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  }
}

interface Trained extends Pick<RunResult, "history" | "rowsPerSecond"> {
  readonly predictions: readonly Predictions[];
  readonly gates?: GatesReport | null;
}

async function trainTogether({ rows, settings, openEngine, signal, onProgress }: RunRequest): Promise<Trained | null> {
  const { evaluationsPerEpoch, earlyStopping } = settings;
  const engine = await openEngine();
  try {
    const loop = { evaluationsPerEpoch, earlyStopping, onProgress, signal };
    const result = await fit(engine, rows.train, rows.curves, loop);
    if (result.interrupted) return null;
    const { history } = result;
    return {
      predictions: await predict(engine, rows.validation, { signal }),
      gates:
        settings.gateRows === 0
          ? null
          : await gatesReport(engine, rows.validation, { rows: settings.gateRows, seed: 1, details: false }),
      history,
      rowsPerSecond: history.points.at(-1)?.rowsPerSecond ?? 0,
    };
  } finally {
    await engine.dispose();
  }
}

async function measured(
  { spec, rows, settings, signal }: RunRequest,
  { predictions, gates = null, history, rowsPerSecond }: Trained,
): Promise<Omit<RunResult, "seconds">> {
  const data = await measuredColumns(rows.validation, new Set());
  const draws = { draws: settings.draws, users: rows.users && drawnUsers(rows.users) };
  return {
    seed: spec.training.seed,
    user: rows.users?.name ?? null,
    evaluationRows: data.rows,
    domainNames: Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain)),
    within: Object.fromEntries(spec.towers.map((tower) => [tower.name, spaceOf(tower)])),
    tasks: await inTurns(drawingMetrics(spec, data, predictions, draws), signal),
    history,
    gates,
    rowsPerSecond,
  };
}

function spaceOf({ taskSpace }: TowerSpec): string | null {
  return taskSpace?.outWeight === 0 ? taskSpace.indicatorLabel : null;
}
