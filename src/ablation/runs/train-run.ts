/** One run of a study: trains a model from a seed, and measures what comparisons are made of. */
import type { EncodedData } from "../../data/encoded.js";
import { type EncodedRows, measuredColumns } from "../../data/streamed.js";
import type { Engine } from "../../engine/engine.js";
import { gatesReport } from "../../gates/index.js";
import { userOf } from "../../gates/rows/users.js";
import type { GatesReport } from "../../gates/types.js";
import { domainName, type ModelSpec, type TowerSpec } from "../../spec/index.js";
import { type EarlyStopping, fit, type History, type Progress, predict } from "../../train/index.js";
import { inTurns } from "../../util/turns.js";
import { type DrawnTask, drawingMetrics } from "../statistics/metric-draws.js";

/** What every run of a study does alike. */
export interface RunSettings {
  readonly evaluationsPerEpoch?: number | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Id feature that says whose a row is; default: a `grouped_auc`'s key, else rows are drawn. */
  readonly user?: string | undefined;
  /** Bootstrap draws of the evaluation rows. */
  readonly draws: number;
  /** Rows that the gates' statistics are over; 0: no statistics. */
  readonly gateRows: number;
}

/** What a run leaves: plain data. */
export interface RunResult {
  readonly seed: number;
  /** What was drawn: an id feature, or `null` for rows. */
  readonly user: string | null;
  readonly evaluationRows: number;
  readonly domainNames: readonly string[];
  /** Label whose positive rows a task's metrics are over, by tower; `null`: all rows. */
  readonly within: Readonly<Record<string, string | null>>;
  readonly tasks: readonly DrawnTask[];
  readonly history: History;
  /** `null` where they were not asked for. */
  readonly gates: GatesReport | null;
  /** Of training, without evaluations and start. */
  readonly rowsPerSecond: number;
  /** Of everything. */
  readonly seconds: number;
}

/** The rows of a study, encoded for one variant. */
export interface StudyRows {
  readonly train: EncodedRows;
  readonly validation: EncodedRows;
  /** Those that curves are drawn on while training: a sample, where the validation rows are many. */
  readonly curves: EncodedRows;
}

/** A run that is asked for. */
export interface RunRequest {
  /** With its seed. */
  readonly spec: ModelSpec;
  readonly rows: StudyRows;
  readonly settings: RunSettings;
  readonly openEngine: () => Promise<Engine>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Trains and measures; `null` where it was interrupted: half a run says nothing. */
export async function trainRun(request: RunRequest): Promise<RunResult | null> {
  const { spec, rows, settings, signal, onProgress } = request;
  const start = performance.now();
  const engine = await request.openEngine();
  try {
    const result = await fit(engine, rows.train, rows.curves, {
      ...(settings.evaluationsPerEpoch === undefined ? {} : { evaluationsPerEpoch: settings.evaluationsPerEpoch }),
      ...(settings.earlyStopping === undefined ? {} : { earlyStopping: settings.earlyStopping }),
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    if (result.interrupted) return null;
    const predictions = await predict(engine, rows.validation, signal === undefined ? {} : { signal });
    const data = await measuredFor(spec, rows.validation, settings.user);
    const user = userOf(spec, data, settings.user);
    const draws = { draws: settings.draws, users: user && ownUsers(user.ids) };
    const tasks = await inTurns(drawingMetrics(spec, data, predictions, draws), signal);
    const gates =
      settings.gateRows === 0
        ? null
        : await gatesReport(engine, rows.validation, { rows: settings.gateRows, seed: 1, details: false });
    return {
      seed: spec.training.seed,
      user: user?.name ?? null,
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

/** The columns that metrics read, the user's among them. */
function measuredFor(spec: ModelSpec, rows: EncodedRows, user: string | undefined): Promise<EncodedData> {
  const keys = spec.towers
    .flatMap((tower) => tower.metrics)
    .flatMap((metric) => (metric.kind === "grouped_auc" ? [metric.groupingKey] : []));
  return measuredColumns(rows, new Set([...keys, ...(user === undefined ? [] : [user])]));
}

/** A row without a user is nobody else's. */
function ownUsers(ids: Int32Array): Int32Array {
  return ids.map((id, row) => (id < 0 ? -1 - row : id));
}

/** The label that bounds the rows of a task; `null`: none does. */
function spaceOf({ taskSpace }: TowerSpec): string | null {
  return taskSpace?.outWeight === 0 ? taskSpace.indicatorLabel : null;
}
