/** One run of a study: trains a model with a seed and computes the metrics to compare. */
import { type EncodedRows, measuredColumns } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import type { GatesReport } from "../../gates/index.js";
import { gatesReport } from "../../gates/index.js";
import { domainName, type ModelSpec, type TowerSpec } from "../../spec/index.js";
import {
  drawnUsers,
  type EarlyStopping,
  type History,
  type Progress,
  predict,
  trainSession,
  type UserColumn,
} from "../../train/index.js";
import { inTurns } from "../../util/turns.js";
import { type DrawnTask, drawingMetrics } from "../statistics/metric-draws.js";

/** Settings that all runs of a study share. */
export interface RunSettings {
  readonly evaluationsPerEpoch?: number | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Bootstrap draws of the evaluation rows. */
  readonly draws: number;
  /** Number of rows for gate statistics; 0: none. */
  readonly gateRows: number;
}

/** The result of a run, as plain data. */
export interface RunResult {
  readonly seed: number;
  /** The column whose users were drawn; `null`: rows were drawn. */
  readonly user: string | null;
  readonly evaluationRows: number;
  readonly domainNames: readonly string[];
  /** Label whose positive rows a task is evaluated on, by tower; `null`: all rows. */
  readonly within: Readonly<Record<string, string | null>>;
  readonly tasks: readonly DrawnTask[];
  readonly history: History;
  /** `null` where they were not asked for. */
  readonly gates: GatesReport | null;
  /** Seconds of training, without evaluations and start. */
  readonly rowsPerSecond: number;
  /** Total seconds. */
  readonly seconds: number;
}

/** The rows of a study, encoded for one variant. */
export interface StudyRows {
  readonly train: EncodedRows;
  readonly validation: EncodedRows;
  /** Rows for curves during training: a sample if there are many validation rows. */
  readonly curves: EncodedRows;
  /** The user of each validation row; `null`: rows are drawn. */
  readonly users: UserColumn | null;
}

/** A requested run. */
export interface RunRequest {
  /** With its seed. */
  readonly spec: ModelSpec;
  readonly rows: StudyRows;
  readonly settings: RunSettings;
  readonly openEngine: () => Promise<Engine>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Trains and evaluates; `null` if interrupted, since partial runs are not comparable. */
export async function trainRun(request: RunRequest): Promise<RunResult | null> {
  const { spec, rows, settings, signal, onProgress } = request;
  const start = performance.now();
  const { evaluationsPerEpoch, earlyStopping } = settings;
  const session = await trainSession({
    openEngine: request.openEngine,
    rows: async () => ({ train: rows.train, validation: rows.curves, notes: [] }),
    loop: () => ({ evaluationsPerEpoch, earlyStopping, onProgress }),
    signal,
  }).catch((error: unknown) => {
    if (signal?.aborted) return null;
    throw error;
  });
  if (session === null) return null;
  const { engine, result } = session;
  try {
    if (result.interrupted) return null;
    const predictions = await predict(engine, rows.validation, { signal });
    const data = await measuredColumns(rows.validation, new Set());
    const draws = { draws: settings.draws, users: rows.users && drawnUsers(rows.users) };
    const tasks = await inTurns(drawingMetrics(spec, data, predictions, draws), signal);
    const gates =
      settings.gateRows === 0
        ? null
        : await gatesReport(engine, rows.validation, { rows: settings.gateRows, seed: 1, details: false });
    return {
      seed: spec.training.seed,
      user: rows.users?.name ?? null,
      evaluationRows: data.rows,
      domainNames: Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain)),
      within: Object.fromEntries(spec.towers.map((tower) => [tower.name, spaceOf(tower)])),
      tasks,
      history: result.history,
      gates,
      rowsPerSecond: result.history.points.at(-1)?.rowsPerSecond ?? 0,
      seconds: (performance.now() - start) / 1000,
    };
  } catch (error) {
    if (signal?.aborted) return null;
    throw error;
  } finally {
    await engine.dispose();
  }
}

/** The label that limits the rows of a task; `null`: none. */
function spaceOf({ taskSpace }: TowerSpec): string | null {
  return taskSpace?.outWeight === 0 ? taskSpace.indicatorLabel : null;
}
