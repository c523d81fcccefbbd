/** The parts of results on a run's gates: their values, what they are worth, and where gradients conflict. */
import type { Row } from "../../core/data/table/table.js";
import type { Engine } from "../../core/engine/engine.js";
import { SpecError } from "../../core/errors/index.js";
import { expressionColumn, findFeature } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { ExplainedPosition } from "../../lab/gates/explain.js";
import type { GatesOptions } from "../../lab/gates/report.js";
import type { Conflicts } from "../../lab/gates/types.js";
import type { PositionValues } from "../../lab/views/gates/explanation.js";
import type { CounterfactualResult, ImportanceResult } from "../counterfactual.js";
import { type Dataset, resolveUsers } from "../data/dataset.js";
import { rawRows, rowCells } from "../data/preview.js";
import type { ConflictsResult, ExplanationResult, GatesResult } from "../gates.js";
import { openEngine } from "../training/engines.js";
import type {
  Readable,
  RunConflictsOptions,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunGatesOptions,
  RunImportanceOptions,
  Subject,
} from "./options.js";

/** See `Run.gates`. */
export async function measuredGates(
  { spec, engine }: Subject,
  rows: Dataset,
  { user, ...options }: Omit<RunGatesOptions, "details"> & Pick<GatesOptions, "details">,
): Promise<ConstructorParameters<typeof GatesResult>> {
  const { gatesReport } = await import("../../lab/gates/report.js");
  const { column: users, notes: userNotes } = await resolveUsers(spec, rows.table, user);
  const notes = [...userNotes];
  const encoded = await rows.encode(spec);
  const report = await engine.use(async (running) => {
    const untrained = options.details === false ? null : await openUntrained(running, notes);
    try {
      return await gatesReport(running, encoded, { ...options, users, untrained });
    } finally {
      await untrained?.dispose();
    }
  });
  return [report, notes];
}

/** The model of an engine before training; `null`, with a note, if both do not fit into memory. */
async function openUntrained({ spec, name, threads }: Engine, notes: string[]): Promise<Engine | null> {
  try {
    return await openEngine(spec, { engine: name, threads, seed: spec.training.seed });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    notes.push(`not compared with the model before training: ${error.message}`);
    return null;
  }
}

export async function counterfactuals(
  { spec, engine }: Readable,
  rows: Dataset,
  { changes = null, user, ...options }: RunCounterfactualOptions,
): Promise<ConstructorParameters<typeof CounterfactualResult>> {
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  const { counterfactualReport } = await import("../../lab/gates/counterfactual.js");
  const report = await engine.use((running) => counterfactualReport(running, encoded, changes, { ...options, users }));
  const changed = report.effects.flatMap(({ tasks }) => tasks.flatMap(({ mostChanged }) => mostChanged));
  const numbers = changed.map(({ row }) => row);
  return [report, await rawRows(rows.table, spec, numbers), notes];
}

export async function importances(
  { spec, engine }: Subject,
  rows: Dataset,
  { user, ...options }: RunImportanceOptions,
): Promise<ConstructorParameters<typeof ImportanceResult>> {
  const { importance } = await import("../../lab/gates/importance.js");
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  const facts = await engine.use((running) => importance(running, encoded, { ...options, users }));
  const towers = spec.towers.map(({ name }) => name);
  return [facts, towers, [...notes, ...facts.gaps]];
}

export async function gradientConflicts(
  { spec, engine }: Subject,
  rows: Dataset,
  { user, ...options }: RunConflictsOptions,
): Promise<ConstructorParameters<typeof ConflictsResult>> {
  const { conflicts } = await import("../../lab/gates/conflicts.js");
  const { column: users, notes } = await resolveUsers(spec, rows.table, user);
  const encoded = await rows.encode(spec);
  const facts = await engine.use((running) => conflicts(running, encoded, { ...options, users }));
  return conflictsParts(facts, notes);
}

export function conflictsParts(
  facts: Conflicts,
  notes: readonly string[],
): ConstructorParameters<typeof ConflictsResult> {
  const gaps = facts.gaps.map(({ what, reason }) => `not compared: ${what}: ${reason}`);
  return [facts, [...notes, ...gaps]];
}

export async function explainedRow(
  { spec, engine }: Readable,
  rows: Dataset,
  { row, ...options }: RunExplainOptions,
): Promise<ConstructorParameters<typeof ExplanationResult>> {
  const encoded = await rows.encode(spec);
  const { explainRow } = await import("../../lab/gates/explain.js");
  const explanation = await engine.use((running) => explainRow(running, encoded, row, options));
  const values = (await rawRows(rows.table, spec, [row])).get(row) ?? {};
  return [explanation, values, positionValues(spec, values, explanation.positions)];
}

/** Adds the row's values to its positions: items of a list, or parts of a text between delimiters. */
function positionValues(spec: ModelSpec, row: Row, positions: readonly ExplainedPosition[]): readonly PositionValues[] {
  return positions.map((each) => {
    const values = each.features.flatMap((name): [string, unknown][] => {
      const value = items(spec, row, name)[each.position];
      return value === undefined ? [] : [[name, value]];
    });
    return { ...each, values: rowCells(Object.fromEntries(values) as Row) };
  });
}

function items(spec: ModelSpec, row: Row, name: string): readonly unknown[] {
  const feature = findFeature(spec, name);
  if (feature === undefined || feature.kind === "other" || feature.kind === "combo") return [];
  const { sequence } = feature;
  const source = expressionColumn(feature.expression);
  const column = sequence === undefined || sequence.of === null ? source : `${sequence.of}__${source}`;
  const cell = name in row ? row[name] : row[column];
  if (Array.isArray(cell)) return cell;
  if (cell === null || cell === undefined || cell === "") return [];
  return typeof cell === "string" ? cell.split(sequence?.delimiter ?? ";") : [cell];
}
