/** The summary at the top of a report: its tiles, and the origin of the run. */
import type { Finding } from "../../core/errors/finding.js";
import type { Evaluation, TaskEvaluation } from "../../core/metrics/types.js";
import type { History } from "../../core/train/loop/recorder.js";
import { duration, rowRate } from "../../core/util/measured.js";
import { count, fixed, grouped } from "../../core/util/text.js";
import type { WorthFacts } from "../ablation/worth.js";
import type { GatesPoint, GatesReport } from "../gates/types.js";
import type { Table } from "../views/format.js";
import { keptEvaluation, lossEnds } from "../views/history.js";
import { type Chart, taskName } from "../views/view.js";
import type { RunFacts } from "./judges/facts.js";

export interface Tile {
  readonly value: string;
  readonly name: string;
}

export function summaryTiles(facts: ReportFacts): Tile[] {
  const { history, evaluation, model, spec } = facts;
  const last = history.points.at(-1);
  const keptPoint = keptEvaluation(history);
  const parameters = model.table.rows.at(-1)?.[2];
  return [
    ...(evaluation?.tasks ?? []).map((task): Tile => {
      const { low = null, high = null } = task.overall.intervals?.auc ?? {};
      const ends = low === null || high === null ? "" : `, ${fixed(low)} to ${fixed(high)}`;
      return { value: fixed(task.overall.auc, 4), name: `AUC of ${taskName(task)}${ends}` };
    }),
    ...(evaluation?.tasks ?? []).flatMap(calibrationTile),
    ...(evaluation === null ? [] : [{ value: grouped(evaluation.rows), name: "evaluation rows" }]),
    ...(last === undefined
      ? []
      : [
          ...lastLoss(history),
          { value: grouped(last.rows), name: `rows trained on, ${fixed(last.epoch, 2)} epochs` },
          { value: duration(last.seconds).text, name: `training, ${rowRate(last.rowsPerSecond).text}` },
        ]),
    ...(keptPoint === undefined || keptPoint.step === last?.step
      ? []
      : [{ value: grouped(keptPoint.step), name: "step of the kept weights" }]),
    ...(typeof parameters === "number" ? [{ value: grouped(parameters), name: "parameters" }] : []),
    spec.domains === null
      ? { value: "1", name: "no domains" }
      : { value: String(spec.domains.count), name: `domains by ${spec.domains.column}` },
  ];
}

function calibrationTile(task: TaskEvaluation): Tile[] {
  const ratios = task.domains.flatMap(({ calibration }) => calibration ?? []);
  if (task.overall.calibration === null) return [];
  const ends = `${fixed(Math.min(...ratios), 2)} to ${fixed(Math.max(...ratios), 2)} by domain`;
  const name = `predicted over observed rate of ${taskName(task)}`;
  return [{ value: fixed(task.overall.calibration), name: ratios.length < 2 ? name : `${name}, ${ends}` }];
}

function lastLoss({ points }: History): Tile[] {
  const ends = lossEnds(points);
  if (ends === null) return [];
  const { loss, steps } = ends.last;
  const name = steps === 1 ? "loss of the last step" : `loss, mean of the last ${count(steps, "step")}`;
  return [{ value: fixed(loss, 4), name }];
}

export function originRows({ origin, data }: ReportFacts): [string, string][] {
  return [
    ["written", origin.written],
    ["engine", origin.engine],
    ...origin.seeds.map(({ use, seed }): [string, string] => [`seed, ${use}`, String(seed)]),
    ...data.map(({ use, sha256 }): [string, string] => {
      return [`${use}, sha256`, sha256 ?? "not computed: the rows are on disk"];
    }),
    ...Object.entries(origin.versions),
    ["machine", origin.machine],
  ];
}

export interface ReportData {
  /** Its use in the run: `evaluation rows`, `training rows`. */
  readonly use: string;
  readonly source: string;
  readonly rows: number;
  /** Hash of the encoded rows; `null`: not computed, since they are not in memory. */
  readonly sha256: string | null;
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}

/** Everything that a report can show. `null` and empty parts are left out. */
export interface ReportFacts extends Required<Omit<RunFacts, "totalSteps" | "isDryRun">> {
  readonly title: string;
  readonly model: { readonly table: Table; readonly notes: readonly string[] };
  /** TorchEasyRec's config, or the reason why there is none. */
  readonly config: { readonly text: string } | { readonly refused: string } | null;
  readonly data: readonly ReportData[];
  readonly notes: readonly string[];
  /** Findings on the rows before the training. */
  readonly findings: readonly Finding[];
  /** The evaluation by the number of training rows of users; `null` if users or training rows are unknown. */
  readonly coldUsers: Evaluation | null;
  /** What the model is worth compared with simpler ones; `null`: not measured. */
  readonly worth: WorthFacts | null;
  readonly gates: GatesReport | null;
  readonly gatesHistory: readonly GatesPoint[];
  readonly origin: {
    readonly versions: Readonly<Record<string, string>>;
    readonly seeds: readonly { readonly use: string; readonly seed: number }[];
    readonly engine: string;
    readonly machine: string;
    /** ISO 8601. */
    readonly written: string;
  };
}
