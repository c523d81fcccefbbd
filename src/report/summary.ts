/** The numbers at the top of a report, and the lines at its end that say with what it was made. */
import { keptEvaluation } from "../charts/index.js";
import type { ReportFacts } from "./facts.js";

/** A number with its name. */
export interface Tile {
  readonly value: string;
  readonly name: string;
}

/** AUC by task with its interval, then what it took. */
export function summaryTiles(facts: ReportFacts): Tile[] {
  const { history, evaluation, model, spec } = facts;
  const last = history.points.at(-1);
  const kept = keptEvaluation(history);
  const parameters = model.table.rows.at(-1)?.[2];
  return [
    ...(evaluation?.tasks ?? []).map(({ tower, within, overall }): Tile => {
      const { low = null, high = null } = overall.intervals?.auc ?? {};
      const name = `AUC of ${tower}${within === null ? "" : ` (within ${within})`}`;
      const ends = low === null || high === null ? "" : `, ${low.toFixed(3)} to ${high.toFixed(3)}`;
      return { value: overall.auc === null ? "–" : overall.auc.toFixed(4), name: name + ends };
    }),
    ...(evaluation === null ? [] : [{ value: whole(evaluation.rows), name: "evaluation rows" }]),
    ...(last === undefined
      ? []
      : [
          { value: Number.isFinite(last.loss) ? last.loss.toFixed(4) : "–", name: `loss at step ${whole(last.step)}` },
          { value: whole(last.rows), name: `rows trained on, ${last.epoch.toFixed(2)} epochs` },
          { value: duration(last.seconds), name: `training, ${whole(Math.round(last.rowsPerSecond))} rows/s` },
        ]),
    ...(kept === undefined || kept.step === last?.step
      ? []
      : [{ value: whole(kept.step), name: "step of the kept weights" }]),
    ...(typeof parameters === "number" ? [{ value: whole(parameters), name: "parameters" }] : []),
    {
      value: String(spec.domains?.count ?? 1),
      name: spec.domains === null ? "no domains" : `domains by ${spec.domains.column}`,
    },
  ];
}

/** Versions, seeds, hashes of the data, the machine. */
export function originRows({ origin, data }: ReportFacts): [string, string][] {
  return [
    ["written", origin.written],
    ["engine", origin.engine],
    ...origin.seeds.map(({ use, seed }): [string, string] => [`seed, ${use}`, String(seed)]),
    ...data.map(({ use, sha256 }): [string, string] => [
      `${use}, sha256`,
      sha256 ?? "not computed: the rows are on disk",
    ]),
    ...Object.entries(origin.versions),
    ["machine", origin.machine],
  ];
}

function whole(value: number): string {
  return value.toLocaleString("en-US");
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
