/**
 * Ranks the feature fields by a counterfactual of each in turn, with simultaneous intervals. For a domain swap, a
 * field's effect is the part of the swap that goes through it, in any part of the model: the swap's ΔAUC within domains
 * minus that with the field's values of another row of the same domain, which removes the field's information. Within
 * domains, since AUC over all rows also changes where domains differ in their rates alone.
 */
import type { EncodedData } from "../data/encoded/encoded.js";
import type { EncodedRows } from "../data/encoded/streamed.js";
import type { Engine, TowerOutput } from "../engine/engine.js";
import { DataError } from "../errors/index.js";
import { type Influenced, influenceInterval, simultaneousIntervals } from "../metrics/influence.js";
import { excludesZero, type Interval } from "../metrics/intervals/bootstrap.js";
import { hasEpnet, type ModelSpec, type TowerSpec } from "../spec/model.js";
import { drawnUsers, rowsByDomain, spaceRows } from "../train/measure/task-rows.js";
import { random } from "../util/random.js";
import { inTurns, mean } from "../util/turns.js";
import type { CounterfactualOptions } from "./counterfactual.js";
import { difference, logitChanges, meanEstimate, rowsAuc, weightedMean } from "./effects.js";
import { fieldColumns } from "./fields.js";
import type { GateFreeze } from "./interventions.js";
import {
  freezeGate,
  frozen,
  gateMeans,
  inOneDomain,
  mostNested,
  rankedFields,
  swapDomain,
  swapped,
} from "./interventions.js";
import { predictAll, type Sample, takeSample } from "./sample.js";
import { takeEncoded } from "./take-encoded.js";

/** The part of the domain swap that goes through each field, or the effect of its EPNet gates, held at 1 or a mean. */
export type FieldQuestion = "domain" | "gate off" | "gate mean";

/** Options of a field ranking. */
export interface FieldRankingOptions extends CounterfactualOptions {
  readonly by?: FieldQuestion;
}

/** The effect of one field of a domain. */
export interface FieldEffect {
  readonly field: string;
  /** Change of AUC by this field alone, with an interval simultaneous with all others of the ranking. */
  readonly auc: Interval;
  /** Mean |change of the logit| by this field alone; `null` if a logit is not finite. */
  readonly logitChange: number | null;
  /**
   * Share of the rows whose value of the field occurs in one domain only, like users if the domain is a property of
   * the user. Another domain's towers have never seen such values, which a swap cannot distinguish from an effect of
   * the domain. `null`: not a single id.
   */
  readonly oneDomain: number | null;
  /** True for most rows: a swap shows nothing about this field. */
  readonly nested: boolean;
}

/** The ranked fields of a task. */
export interface TaskFields {
  readonly tower: string;
  /** ΔAUC of the whole change (the swap, or all of EPNet's gates) with its separate 95% interval. */
  readonly whole: Interval;
  /** Sorted by the absolute change of AUC, largest first. */
  readonly fields: readonly FieldEffect[];
  /** Fields whose interval excludes 0; for a swap, none if the whole swap's includes 0 or a field is nested. */
  readonly named: readonly string[];
}

/** The result of `run.rankFields()`. */
export interface FieldRanking {
  readonly by: FieldQuestion;
  readonly rows: number;
  /** The column whose users intervals are over; `null`: over rows. */
  readonly user: string | null;
  readonly tasks: readonly TaskFields[];
}

/** @throws DataError if the question needs domains or an EPNet that the model lacks */
export async function fieldRanking(
  engine: Engine,
  allRows: EncodedRows,
  options: FieldRankingOptions = {},
): Promise<FieldRanking> {
  const { spec } = engine;
  const by = options.by ?? ((spec.domains?.count ?? 0) > 1 ? "domain" : "gate off");
  const sample = await takeSample(engine, allRows, options, "fields");
  const predictions =
    by === "domain"
      ? await swapThroughFields(engine, sample, options.signal)
      : await gatesOfFields(engine, sample, by === "gate mean" ? "mean" : 1, options.signal);
  const users = options.users ? drawnUsers(options.users, sample.numbers) : null;
  const tasks = await ranked(spec, sample.data, predictions, { users, seed: sample.seed }, options.signal);
  return { by, rows: sample.data.rows, user: options.users?.name ?? null, tasks };
}

async function ranked(
  spec: ModelSpec,
  data: EncodedData,
  { whole, fields, subtract }: FieldPredictions,
  { users, seed }: { readonly users: ArrayLike<number> | null; readonly seed: number },
  signal: AbortSignal | undefined,
): Promise<TaskFields[]> {
  const domains = subtract ? (spec.domains?.count ?? 0) : 0;
  const pairs = [whole, ...fields.map(({ pair }) => pair)];
  const byTask = spec.towers.map((tower, task) => pairs.map((pair) => aucChange(data, tower, task, pair, domains)));
  const estimates = byTask.flatMap(([all, ...changes]) =>
    changes.map((change) => (subtract ? difference(all!, change) : change)),
  );
  const intervals = await inTurns(simultaneousIntervals(estimates, users, { seed }), signal);
  const oneDomain = fields.map(({ field }) => (subtract ? inOneDomain(data, field) : null));
  return spec.towers.map((tower, task) => {
    const effects = fields.map(({ field, pair }, at): FieldEffect => {
      const auc = intervals[task * fields.length + at]!;
      const logitChange = meanChange(data, tower, task, subtract ? whole : null, pair);
      const share = oneDomain[at] as number | null;
      return { field, auc, logitChange, oneDomain: share, nested: share !== null && share > mostNested };
    });
    effects.sort((a, b) => size(b) - size(a));
    const wholeChange = influenceInterval(byTask[task]![0]!, users);
    const named = effects.filter(({ auc, nested }) => excludesZero(auc) && !nested).map(({ field }) => field);
    const isOpen = subtract && (!excludesZero(wholeChange) || effects.some(({ nested }) => nested));
    return { tower: tower.name, whole: wholeChange, fields: effects, named: isOpen ? [] : named };
  });
}

/** @param domains AUC within each of these domains, weighted by their rows; 0: over all rows */
function aucChange(
  data: EncodedData,
  tower: TowerSpec,
  task: number,
  { before, afters }: Pair,
  domains: number,
): Influenced | null {
  const all = spaceRows(tower, data);
  const parts = domains === 0 ? [all] : rowsByDomain(data, all, domains);
  const auc = (outputs: readonly TowerOutput[]): Influenced | null =>
    weightedMean(
      parts.map((rows) => rowsAuc(data, tower, outputs[task]!.logits, rows)),
      parts,
    );
  return difference(meanEstimate(afters.map(auc)), auc(before));
}

/** @param whole `null`: the field's change alone */
function meanChange(data: EncodedData, tower: TowerSpec, task: number, whole: Pair | null, field: Pair): number | null {
  const changes = ({ before, afters }: Pair): Float32Array[] =>
    afters.map((after) => logitChanges(before[task]!.logits, after[task]!.logits, tower.numClass));
  const [all, parts] = [whole === null ? [] : changes(whole), changes(field)];
  const rows = spaceRows(tower, data);
  const byTarget = parts.map((part, target) => {
    const wholeChanges = all[target];
    return rows.reduce((total, row) => total + Math.abs((wholeChanges?.[row] ?? 0) - part[row]!), 0) / rows.length;
  });
  return Number.isFinite(mean(byTarget)) ? mean(byTarget) : null;
}

function size({ auc }: FieldEffect): number {
  return auc.value === null ? -1 : Math.abs(auc.value);
}

export interface Pair {
  readonly before: readonly TowerOutput[];
  /** By target of the change; effects are means over them. */
  readonly afters: readonly (readonly TowerOutput[])[];
}

export interface FieldPredictions {
  readonly whole: Pair;
  readonly fields: readonly { readonly field: string; readonly pair: Pair }[];
  /** Whether a field's pair is the change without the field, to be subtracted from the whole. */
  readonly subtract: boolean;
}

/** The rows in other domains, and again for each field with the field's values of other rows. */
async function swapThroughFields(
  engine: Engine,
  { data, seed }: Sample,
  signal?: AbortSignal,
): Promise<FieldPredictions> {
  const { spec } = engine;
  const others = swapped(spec, data, seed, swapDomain());
  const shuffled = takeEncoded(data, donorsWithinDomains(data, spec.domains?.count ?? 0, seed));
  const pairOf = async (change: (rows: EncodedData) => EncodedData): Promise<Pair> => {
    const before = await predictAll(engine, change(data), undefined, signal);
    const afters: TowerOutput[][] = [];
    for (const other of others) afters.push(await predictAll(engine, change(other), undefined, signal));
    return { before, afters };
  };
  const fields: { field: string; pair: Pair }[] = [];
  for (const field of rankedFields(spec, data)) {
    const without = (rows: EncodedData): EncodedData => ({
      ...rows,
      features: new Map(rows.features).set(field, shuffled.features.get(field)!),
    });
    fields.push({ field, pair: await pairOf(without) });
  }
  return { whole: await pairOf((rows) => rows), fields, subtract: true };
}

/** EPNet's gates held, all of them and each field's alone. @throws DataError without EPNet */
async function gatesOfFields(
  engine: Engine,
  { data }: Sample,
  at: GateFreeze["at"],
  signal?: AbortSignal,
): Promise<FieldPredictions> {
  const { spec } = engine;
  if (!hasEpnet(spec)) {
    const message = "the model has no EPNet, so its gates cannot be ranked";
    throw new DataError({ path: "rankFields", message, fix: 'rankFields({ by: "domain" })' });
  }
  const means = await gateMeans(engine, data, signal);
  const before = await predictAll(engine, data, undefined, signal);
  const held = async (field?: string): Promise<Pair> => {
    const freeze = freezeGate("epnet", field === undefined ? { at } : { field, at });
    return { before, afters: [await predictAll(engine, data, frozen(spec, means, freeze), signal)] };
  };
  const fields: { field: string; pair: Pair }[] = [];
  for (const { field } of fieldColumns(spec)) fields.push({ field, pair: await held(field) });
  return { whole: await held(), fields, subtract: false };
}

/** For each row, a random one of its domain, so that a field's values keep their distribution there. */
function donorsWithinDomains(data: EncodedData, count: number, seed: number): Int32Array {
  const rowsOf = rowsByDomain(data, null, count);
  const source = random(seed).fork("field donors");
  return Int32Array.from({ length: data.rows }, (_, row) => {
    const domainRows = rowsOf[data.domains?.[row] ?? -1];
    return domainRows === undefined ? row : domainRows[source.integer(domainRows.length)]!;
  });
}
