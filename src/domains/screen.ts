/** Which column changes what others mean: each candidate with each field, on users, items or sessions left out. */
import { aucInfluence, difference, type Influenced, influenceInterval } from "../metrics/influence.js";
import type { Interval } from "../metrics/intervals/bootstrap.js";
import { rowsByCode } from "../metrics/intervals/clusters.js";
import { getOrMake } from "../util/growing.js";
import { logitLoss, sum, type Work } from "../util/turns.js";
import { type CrossFit, crossFit, type Field, foldsOf, residualsOf } from "./floor.js";
import { chance, type Interaction, interaction, scoreOf } from "./interaction.js";

/** What rows of one unit share: folds keep them together. */
export type UnitName = "user" | "item" | "session" | "row";

export interface ScreenColumns {
  /** Every column that may say something, candidates among them. */
  readonly fields: readonly Field[];
  readonly candidates: readonly Field[];
  /** [rows] 0 or 1. */
  readonly labels: Float32Array;
  readonly units: Readonly<Partial<Record<Exclude<UnitName, "row">, Field>>>;
}

/** A field whose meaning a candidate changes. */
export interface ChangedField {
  readonly field: string;
  /** Of this pair alone. */
  readonly pValue: number;
}

/** A candidate for the domain. */
export interface ScreenedCandidate {
  readonly name: string;
  /** Its number of values, and the rows of the rarest. */
  readonly values: number;
  readonly fewestRows: number;
  /** What the folds of its strongest field keep together. */
  readonly unit: UnitName;
  /** Chance of a change as clear in some field, if it changes none; corrected for all fields and candidates. */
  readonly pValue: number;
  /** The fields that it changes beyond noise, in the order in which they add to each other; else the strongest. */
  readonly fields: readonly ChangedField[];
  /** The gain of AUC on rows of other units, as tables beside the additive model. */
  readonly gain: Interval;
  /**
   * `named`: the largest gain; `tied`: within noise of it; `smaller`: less; `without gain`: changes fields beyond noise,
   * and gains nothing beyond noise; `none`: nothing beyond noise; `cannot be told`: too few rows.
   */
  readonly says: "named" | "tied" | "smaller" | "without gain" | "none" | "cannot be told";
}

/** Which column could be the domain. */
export interface DomainScreen {
  readonly label: string;
  readonly rows: number;
  /** The columns whose rows folds keep together; none: rows. */
  readonly units: readonly string[];
  /** What intervals are over; `null`: rows. */
  readonly over: string | null;
  /** The largest gain first; those beyond noise before the others. */
  readonly candidates: readonly ScreenedCandidate[];
  /** The candidate that is a random column. */
  readonly control: string;
  /** Columns that say nothing here, and why. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  /** The weights that a suggested model has more with a candidate as its domain than without one, but embeddings. */
  readonly parameters: ReadonlyMap<string, number>;
}

const level = 0.05;
/** Fewer rows, and fewer of a class, were not simulated. */
const fewestRows = 2000;
const fewestOfClass = 200;
const mostFields = 5;
/** Share of rows that agree with the value of their unit where the unit decides a column. */
const decides = 0.98;
const decidesAlways = 0.999;
const decidesMostly = 0.9;

/** Whether this share of the rows has the most frequent value of `column` in their level of the field. */
function isDecidedBy(column: Field, { codes, levels }: Field, share: number): boolean {
  const { rows, starts } = rowsByCode(codes, levels);
  const counts = new Int32Array(column.levels);
  let total = 0;
  for (let level = 0; level < levels; level++) {
    let most = 0;
    for (let at = starts[level]!; at < starts[level + 1]!; at++) {
      const code = column.codes[rows[at]!]!;
      counts[code]! += 1;
      most = Math.max(most, counts[code]!);
    }
    for (let at = starts[level]!; at < starts[level + 1]!; at++) counts[column.codes[rows[at]!]!] = 0;
    total += most;
  }
  return total >= share * codes.length;
}

interface Scored extends Omit<ScreenedCandidate, "says" | "gain"> {
  readonly gain: Influenced | null;
}

export function* screenDomains(
  columns: ScreenColumns,
  { seed, ...names }: Pick<DomainScreen, "label" | "control"> & { readonly seed: number },
): Work<Omit<DomainScreen, "leftOut" | "parameters">> {
  const { labels, units, candidates } = columns;
  const screen = new Screen(columns, seed);
  const positives = sum(labels);
  const isSmall = labels.length < fewestRows || Math.min(positives, labels.length - positives) < fewestOfClass;
  return {
    ...names,
    rows: labels.length,
    over: screen.main === "row" ? null : units[screen.main]!.name,
    units: Object.values(units).flatMap((unit) => unit?.name ?? []),
    candidates: isSmall ? candidates.map((each) => screen.untold(each)) : yield* screen.candidates(),
  };
}

class Screen {
  readonly #fits = new Map<UnitName, CrossFit>();
  readonly #clusters: readonly Field[];
  /** Fields that a user mostly has one value of. */
  readonly #ofUsers: ReadonlySet<Field>;
  /** Intervals are over these units; `null`: over rows. */
  readonly main: UnitName;

  constructor(
    private readonly columns: ScreenColumns,
    private readonly seed: number,
  ) {
    const { user, item } = columns.units;
    this.#clusters = [user, item].filter((unit) => unit !== undefined);
    this.#ofUsers = new Set(columns.fields.filter((field) => user && isDecidedBy(field, user, decidesMostly)));
    this.main = user ? "user" : item ? "item" : "row";
  }

  /** All candidates, the largest gain first; those beyond noise before the others. */
  *candidates(): Work<ScreenedCandidate[]> {
    const { candidates } = this.columns;
    const scored: Scored[] = [];
    for (const candidate of candidates) scored.push(yield* this.#scored(candidate));
    const clear = scored.filter(({ pValue }) => pValue < level);
    const isGain = (each: Scored): boolean => (this.#interval(each.gain).low ?? 0) > 0;
    const size = ({ gain }: Scored): number => gain?.value ?? 0;
    const gaining = clear.filter(isGain).sort((a, b) => size(b) - size(a));
    const [first] = gaining;
    const says = (each: Scored): ScreenedCandidate["says"] => {
      if (!clear.includes(each)) return "none";
      if (!gaining.includes(each)) return "without gain";
      if (each === first) return "named";
      return (this.#interval(difference(first!.gain, each.gain)).low ?? 0) > 0 ? "smaller" : "tied";
    };
    const rest = (list: Scored[]): Scored[] => list.sort((a, b) => a.pValue - b.pValue);
    const order = [
      ...gaining,
      ...rest(clear.filter((each) => !isGain(each))),
      ...rest(scored.filter((each) => !clear.includes(each))),
    ];
    return order.map((each) => {
      return { ...each, gain: this.#interval(each.gain), says: says(each) };
    });
  }

  untold(candidate: Field): ScreenedCandidate {
    const none = { unit: this.main, pValue: 1, fields: [], gain: this.#interval(null) };
    return { ...sizes(candidate), ...none, says: "cannot be told" };
  }

  #unit(name: UnitName): Field {
    const { units, labels } = this.columns;
    if (name !== "row") return units[name]!;
    return { name, codes: Int32Array.from(labels.keys()), levels: labels.length };
  }

  *#fit(unit: UnitName): Work<CrossFit> {
    const before = this.#fits.get(unit);
    if (before !== undefined) return before;
    const { fields, labels } = this.columns;
    const fit = yield* crossFit(fields, labels, foldsOf(this.#unit(unit), this.seed));
    this.#fits.set(unit, fit);
    return fit;
  }

  /** Rows that share what could be taken for the candidate's effect stay in one fold. */
  #unitOf(candidate: Field): (field: Field) => UnitName {
    const { user, item, session } = this.columns.units;
    if (user && isDecidedBy(candidate, user, decides)) return () => "user";
    if (item && isDecidedBy(candidate, item, decides)) return () => "item";
    // A user's own habits: not by user, or there were none to read.
    const ofHabits = session && isDecidedBy(candidate, session, decides) ? "session" : item ? "item" : "user";
    return (field) => (this.#ofUsers.has(field) ? ofHabits : this.main);
  }

  *#scored(candidate: Field): Work<Scored> {
    const { fields, labels, candidates } = this.columns;
    const groups = new Map<UnitName, Interaction[]>();
    const unitOf = this.#unitOf(candidate);
    for (const field of fields) {
      if (field === candidate || isDecidedBy(candidate, field, decidesAlways)) continue;
      const unit = unitOf(field);
      const pair = yield* interaction(candidate, field, yield* this.#fit(unit), labels, this.#clusters);
      getOrMake(groups, unit, () => [] as Interaction[]).push(pair);
    }
    const pairs = [...groups.values()].flat();
    const joint = [...groups].map(([unit, group]) => this.#jointChance(unit, group));
    const tests = pairs.length + joint.length;
    const [strongest] = [...pairs].sort((a, b) => a.pValue - b.pValue);
    const isStrong = ({ pValue }: Interaction): boolean => pValue * tests < level;
    const sums: Summed[] = [];
    for (const [unit, group] of groups)
      sums.push(yield* this.#summed(candidate, unit, group, isStrong, pairs.some(isStrong)));
    const [best] = sums.sort((a, b) => b.score - a.score);
    return {
      ...sizes(candidate),
      unit: best?.unit ?? this.main,
      pValue: Math.min(1, Math.min(1, ...pairs.map(({ pValue }) => pValue), ...joint) * tests * candidates.length),
      fields: best?.fields.length ? best.fields : strongest ? [changed(strongest)] : [],
      gain: best?.gain ?? null,
    };
  }

  /** All fields of a unit at once: many small changes, of which none alone is clear. */
  #jointChance(unit: UnitName, group: readonly Interaction[]): number {
    const { residuals } = this.#fits.get(unit)!;
    const total = new Float64Array(residuals.length);
    for (const { direction } of group) for (let row = 0; row < total.length; row++) total[row]! += direction[row]!;
    const freedom = ([0, 1] as const).map((at) => sum(group.map((pair) => pair.freedom[at])));
    return chance(scoreOf(residuals, total, this.#clusters), freedom as [number, number]);
  }

  /**
   * The gain of a unit's fields, one at a time: each on what those before it leave, since tables of fields that say the
   * same would count an effect twice. Without a clear field, of all of them.
   */
  *#summed(
    candidate: Field,
    unit: UnitName,
    group: readonly Interaction[],
    isStrong: (pair: Interaction) => boolean,
    anyStrong: boolean,
  ): Work<Summed> {
    const { labels } = this.columns;
    const { folds, logits: before } = this.#fits.get(unit)!;
    const logits = before.slice();
    const add = ({ effect }: Interaction): void => {
      for (let row = 0; row < logits.length; row++) logits[row]! += effect[row]!;
    };
    const chosen: ChangedField[] = [];
    if (!anyStrong) group.forEach(add);
    let left = group.filter(isStrong);
    while (left.length > 0 && chosen.length < mostFields) {
      const [next, ...others] = left.sort((a, b) => a.pValue - b.pValue);
      add(next!);
      chosen.push(changed(next!));
      const fit = { folds, residuals: residualsOf(logits, labels) };
      left = [];
      for (const { field } of others) {
        const pair = yield* interaction(candidate, field, fit, labels, this.#clusters);
        if (isStrong(pair)) left.push(pair);
      }
    }
    const loss = (all: Float64Array): number =>
      all.reduce((sum, logit, row) => sum + logitLoss(logit, labels[row]! > 0), 0);
    const rows = Int32Array.from(labels.keys());
    const [after, start] = [logits, before].map((all) => aucInfluence(Float32Array.from(all), labels, rows));
    yield;
    return {
      unit,
      fields: chosen,
      score: loss(before) - loss(logits),
      gain: difference(after!, start!),
    };
  }

  #interval(gain: Influenced | null): Interval {
    return influenceInterval(gain, this.main === "row" ? null : this.#unit(this.main).codes);
  }
}

type Summed = Pick<Scored, "unit" | "fields" | "gain"> & {
  /** The fall of the log loss, summed over rows. */
  readonly score: number;
};

function changed({ field, pValue }: Interaction): ChangedField {
  return { field: field.name, pValue };
}

function sizes({ name, codes, levels }: Field): Pick<ScreenedCandidate, "name" | "values" | "fewestRows"> {
  const counts = new Int32Array(levels);
  for (const code of codes) counts[code]! += 1;
  return { name, values: levels, fewestRows: counts.reduce((least, count) => Math.min(least, count)) };
}
