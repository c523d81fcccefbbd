import { type Dataset, dataset, positionValues, rawRows, resolveUsers } from "../data/index.js";
import { CounterfactualResult, ExplanationResult, FieldRankingResult, GatesResult } from "../results/index.js";
import type {
  RunCounterfactualOptions,
  RunExplainOptions,
  RunFieldRankingOptions,
  RunGatesOptions,
} from "./options.js";
import type { Readable, Subject } from "./subject.js";

export async function gateStatistics(
  { spec, engine }: Subject,
  rows: Dataset,
  { training, user, ...options }: RunGatesOptions,
): Promise<GatesResult> {
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  const { gatesReport } = await import("../../gates/index.js");
  const trainingRows = training === undefined ? undefined : await (await dataset(training)).encode(spec);
  return new GatesResult(
    await engine.use((running) => gatesReport(running, encoded, { ...options, users, training: trainingRows })),
    notes,
  );
}

export async function counterfactuals(
  { spec, engine }: Readable,
  rows: Dataset,
  { changes = null, user, ...options }: RunCounterfactualOptions,
): Promise<CounterfactualResult> {
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  const { counterfactualReport } = await import("../../gates/index.js");
  const report = await engine.use((running) => counterfactualReport(running, encoded, changes, { ...options, users }));
  const changed = report.effects.flatMap(({ tasks }) => tasks.flatMap(({ mostChanged }) => mostChanged));
  const numbers = changed.map(({ row }) => row);
  return new CounterfactualResult(report, await rawRows(rows.table, spec, numbers), notes);
}

export async function rankedFields(
  { spec, engine }: Subject,
  rows: Dataset,
  { user, ...options }: RunFieldRankingOptions,
): Promise<FieldRankingResult> {
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  const { fieldRanking } = await import("../../gates/index.js");
  const ranking = await engine.use((running) => fieldRanking(running, encoded, { ...options, users }));
  return new FieldRankingResult(ranking, notes);
}

export async function explainedRow(
  { spec, engine }: Readable,
  rows: Dataset,
  { row, ...options }: RunExplainOptions,
): Promise<ExplanationResult> {
  const encoded = await rows.encode(spec);
  const { explainRow } = await import("../../gates/index.js");
  const explanation = await engine.use((running) => explainRow(running, encoded, row, options));
  const values = (await rawRows(rows.table, spec, [row])).get(row) ?? {};
  return new ExplanationResult(explanation, values, positionValues(spec, values, explanation.positions));
}
