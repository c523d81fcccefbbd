/** Finds the column that changes what others mean: a score test of each pair of columns, by pieces of evidence. */
import { difference, type Influenced, influenceInterval } from "../../core/metrics/influence.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { dayMillis } from "../../core/util/epoch.js";
import { getOrMake } from "../../core/util/growing.js";
import { sum } from "../../core/util/numbers.js";
import type { Work } from "../../core/util/turns.js";
import { type Residuals, residualsOf, tableTest } from "./cells.js";
import {
  areNested,
  type Clustering,
  Evidence,
  fewLevels,
  type GroupedField,
  grouped,
  type HeavyUnits,
  heavyUnits,
  isRangeOf,
  type Sequence,
  sequenceOf,
  type UnitName,
  type Units,
  type Untestable,
} from "./evidence.js";
import { type Field, fitFloor } from "./floor.js";
import { Gains, slopeEffect, tableEffect, usualWeight } from "./gain.js";
import { idTest } from "./ids.js";
import { chance, type QuadraticScore } from "./rao-scott.js";
import { slopeBasis, slopeTest } from "./slopes.js";

export interface ScreenColumns {
  /** Every informative column, including the candidates. */
  readonly fields: readonly Field[];
  /** Effects that the logistic regression also fits and that are not tested: stretches of time, in which rates differ. */
  readonly background: readonly Field[];
  /** For the fields that are numbers: ranks as normal quantiles, by name. [rows] */
  readonly scores: ReadonlyMap<string, Float64Array>;
  readonly candidates: readonly Field[];
  /** [rows] 0 or 1. */
  readonly labels: Float32Array;
  readonly units: Units;
}

/** How a pair was tested: one number per pair of values, with ids or without, or one slope per value. */
export type PairKind = "table" | "ids" | "slope";

/** A field that changes together with a candidate. */
export interface ChangedField {
  readonly field: string;
  readonly kind: PairKind;
  /** For this pair only. */
  readonly pValue: number;
}

/** A candidate for the domain. */
export interface ScreenedCandidate {
  readonly name: string;
  /** Its number of values, and the rows of the rarest. */
  readonly values: number;
  readonly fewestRows: number;
  /** What counted as one piece of evidence in its strongest pair. */
  readonly unit: UnitName;
  /** The probability of a change this clear in some field if it changes none; corrected for all pairs of the log. */
  readonly pValue: number;
  /** The fields that change with it beyond noise, the clearest first; else the clearest. */
  readonly fields: readonly ChangedField[];
  /** The gain of AUC on rows of other units by the clearest pair, beside the additive model; not measured if not clear. */
  readonly gain: Interval;
  /**
   * `named`: beyond noise, with the largest gain; `tied`: within noise of it, or the other side of its pair; `smaller`:
   * less; `without gain`: beyond noise, but no gain on other rows; `none`: nothing beyond noise; `cannot be told`: too
   * few rows, or none of its pairs can be tested.
   */
  readonly says: "named" | "tied" | "smaller" | "without gain" | "none" | "cannot be told";
}

/** A pair of columns that cannot be tested. */
export interface UntestedPair {
  readonly candidate: string;
  readonly field: string;
  readonly reason: Untestable;
}

/** Which column could be the domain. */
export interface DomainScreen {
  readonly label: string;
  readonly rows: number;
  /** The columns that show which rows are similar. */
  readonly units: readonly string[];
  /** The units of intervals; `null`: rows. */
  readonly over: string | null;
  /** From the first to the last time; `null`: not known. */
  readonly days: number | null;
  /** Fewer than 2,000 rows, or 200 of a class: nothing is tested. */
  readonly isSmall: boolean;
  /** The units, such as users, that have more than a tenth of the rows each, which the tests leave out; `null`: there are none. */
  readonly heavy: { readonly column: string; readonly units: number; readonly share: number } | null;
  /** Number of tests that p values are corrected for. */
  readonly tests: number;
  /** The largest gain first; those beyond noise before the others. */
  readonly candidates: readonly ScreenedCandidate[];
  readonly untested: readonly UntestedPair[];
  /** Parts of time with values that occur only once: their change cannot be distinguished from drift. */
  readonly passing: readonly string[];
  /** Columns that carry no information here, and why. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  /** The additional weights of a suggested model with a candidate as its domain, without embeddings. */
  readonly parameters: ReadonlyMap<string, number>;
}

const level = 0.05;
/** Fewer rows, and fewer of a class, were not simulated. */
const fewestRows = 2000;
const fewestOfClass = 200;
/** Larger tables are tested as ids are: only to be fast. */
const mostCells = 160;

/** A test of a pair of columns. */
export interface TestedPair {
  readonly candidate: GroupedField;
  readonly field: GroupedField;
  readonly kind: PairKind;
  readonly pValue: number;
  /** The unit by which it is least clear. */
  readonly by: Clustering;
  /** Of its rows, without parts of time. */
  readonly unit: UnitName;
}

export function* screenDomains(
  columns: ScreenColumns,
  { label, seed }: { readonly label: string; readonly seed: number },
): Work<Omit<DomainScreen, "leftOut" | "parameters">> {
  const { labels, units, candidates } = columns;
  const positives = sum(labels);
  const isSmall = labels.length < fewestRows || Math.min(positives, labels.length - positives) < fewestOfClass;
  const screen = new Screen(columns, seed);
  if (!isSmall) yield* screen.test();
  const { main } = screen.evidence;
  return {
    label,
    rows: labels.length,
    days: daysOf(units.times),
    isSmall,
    units: [units.user, units.item, units.session].flatMap((unit) => unit?.name ?? []),
    over: main.unit === "row" ? null : main.groups.name,
    heavy: screen.heavy(),
    tests: screen.pairs.length,
    untested: screen.untested,
    passing: screen.evidence.passing(),
    candidates: isSmall ? candidates.map((each) => screen.untold(each)) : yield* screen.verdicts(),
  };
}

function daysOf(times: Float64Array | undefined): number | null {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times ?? []) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return first > last ? null : (last - first) / dayMillis;
}

/** Tests all pairs of a candidate and another column, and draws conclusions on each candidate. */
export class Screen {
  readonly pairs: TestedPair[] = [];
  readonly untested: UntestedPair[] = [];
  readonly evidence: Evidence;
  readonly #fields: readonly GroupedField[];
  readonly #gains: Gains;
  readonly #byNumber = new Map<string, Sequence>();
  readonly #gainOfPair = new Map<TestedPair, Influenced>();
  readonly #heavy = new Map<GroupedField, HeavyUnits>();
  readonly #counted = new Map<GroupedField, Residuals>();

  constructor(
    private readonly columns: ScreenColumns,
    seed: number,
  ) {
    const { fields, background, labels, units } = columns;
    this.#fields = fields.map(grouped);
    this.evidence = new Evidence(this.#fields, units, labels.length);
    this.#gains = new Gains([...fields, ...background], labels, seed);
  }

  *test(): Work<void> {
    const { fields, background, labels, candidates } = this.columns;
    const logits = yield* fitFloor([...fields, ...background], labels);
    const rows = residualsOf(logits, labels);
    const tested = new Set<GroupedField>();
    for (const { name } of candidates) {
      const candidate = this.#fields.find((field) => field.name === name)!;
      tested.add(candidate);
      for (const field of this.#fields) {
        if (tested.has(field) || areNested(candidate, field) || this.#isBand(candidate, field)) continue;
        yield* this.#testPair(candidate, field, rows);
      }
    }
  }

  /** Whether the candidate's values are ranges of the number: then its change only shows that the number's effect is not linear. */
  #isBand(candidate: Field, { name }: Field): boolean {
    const scores = this.columns.scores.get(name);
    if (scores === undefined) return false;
    const byNumber = getOrMake(this.#byNumber, name, () => sequenceOf(scores));
    return isRangeOf(byNumber, candidate);
  }

  *#testPair(candidate: GroupedField, field: GroupedField, all: Residuals): Work<void> {
    yield;
    const clusterings = this.evidence.ofPair(candidate, field);
    if (typeof clusterings === "string") {
      this.untested.push({ candidate: candidate.name, field: field.name, reason: clusterings });
      return;
    }
    const rows = this.#countedRows(clusterings[0]!.groups, all);
    const add = (kind: PairKind, { score, moments }: QuadraticScore): void => {
      const pValues = moments.map((each) => chance(score, each));
      const pValue = Math.max(...pValues);
      const by = clusterings[pValues.indexOf(pValue)]!;
      this.pairs.push({ candidate, field, kind, pValue, by, unit: clusterings[0]!.unit });
    };
    const [few, many] = byLevels(candidate, field);
    const isWide = many.levels > fewLevels || few.levels * many.levels > mostCells;
    const test = isWide ? idTest : tableTest;
    add(isWide ? "ids" : "table", yield* test(few, many, rows, clusterings));
    const scores = this.columns.scores.get(field.name);
    if (scores === undefined || candidate.levels > fewLevels) return;
    const mains = this.evidence.mainsOf(candidate, field);
    const basis = yield* slopeBasis(candidate, scores, [candidate, field, ...mains], rows.weights);
    add("slope", yield* slopeTest(basis, rows, clusterings, mains));
  }

  /** All candidates, the largest gain first; those beyond noise before the others. */
  *verdicts(): Work<ScreenedCandidate[]> {
    const scored = this.columns.candidates.map((candidate) => {
      const pairs = this.pairs.filter(({ candidate: { name }, field }) => [name, field.name].includes(candidate.name));
      pairs.sort((a, b) => a.pValue - b.pValue);
      return { candidate, pairs, pValue: this.#corrected(pairs[0]) };
    });
    const measured: Measured[] = [];
    for (const { pairs, ...each } of scored) {
      const gain = each.pValue < level ? yield* this.#gain(pairs[0]!) : null;
      measured.push({ ...each, pairs, gain, interval: this.#interval(gain, pairs[0]) });
    }
    const rank = (each: Measured): number => (isGaining(each) ? 0 : each.pValue < level ? 1 : 2);
    measured.sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? bySize(a, b) : a.pValue - b.pValue));
    return measured.map((each) => this.#verdict(each, measured[0]!));
  }

  heavy(): DomainScreen["heavy"] {
    const { groups } = this.evidence.main;
    const { units, share } = this.#heavyUnits(groups);
    return units.length === 0 ? null : { column: groups.name, units: units.length, share };
  }

  #heavyUnits(groups: GroupedField): HeavyUnits {
    return getOrMake(this.#heavy, groups, () => heavyUnits(groups));
  }

  /** The rows without those of heavy units. */
  #countedRows(groups: GroupedField, rows: Residuals): Residuals {
    const { units } = this.#heavyUnits(groups);
    if (units.length === 0) return rows;
    return getOrMake(this.#counted, groups, () => {
      const without = (values: Float64Array): Float64Array => {
        const counted = values.slice();
        for (const unit of units) {
          for (let at = groups.starts[unit]!; at < groups.starts[unit + 1]!; at++) counted[groups.rows[at]!] = 0;
        }
        return counted;
      };
      return { residuals: without(rows.residuals), weights: without(rows.weights) };
    });
  }

  untold(candidate: Field): ScreenedCandidate {
    const none = { unit: this.evidence.main.unit, pValue: 1, fields: [], gain: this.#interval(null, undefined) };
    return { ...sizes(candidate), ...none, says: "cannot be told" };
  }

  #corrected(pair: TestedPair | undefined): number {
    return pair === undefined ? 1 : Math.min(1, this.pairs.length * pair.pValue);
  }

  *#gain(pair: TestedPair): Work<Influenced> {
    const before = this.#gainOfPair.get(pair);
    if (before !== undefined) return before;
    const { candidate, field, kind, unit } = pair;
    const { scores, labels } = this.columns;
    const isSlope = kind === "slope";
    const mains = [candidate, field, ...this.evidence.mainsOf(candidate, field)];
    const weights = new Float64Array(labels.length).fill(usualWeight);
    const effect = isSlope
      ? slopeEffect(yield* slopeBasis(candidate, scores.get(field.name)!, mains, weights))
      : tableEffect(...byLevels(candidate, field));
    const gain = yield* this.#gains.of(effect, this.evidence.foldUnits(unit));
    this.#gainOfPair.set(pair, gain);
    return gain;
  }

  /** Over users; of a pair of columns of items over items. */
  #interval(gain: Influenced | null, pair: TestedPair | undefined): Interval {
    const { unit, groups } = pair?.unit === "item" ? this.evidence.item() : this.evidence.main;
    return influenceInterval(gain, unit === "row" ? null : groups.codes);
  }

  #verdict({ candidate, pairs, pValue, gain, interval }: Measured, first: Measured): ScreenedCandidate {
    if (pairs.length === 0) return this.untold(candidate);
    const says = (): ScreenedCandidate["says"] => {
      if (pValue >= level) return "none";
      if (!isGaining({ interval })) return "without gain";
      if (candidate === first.candidate) return "named";
      if (pairs[0] === first.pairs[0]) return "tied";
      return (this.#interval(difference(first.gain, gain), undefined).low ?? 0) > 0 ? "smaller" : "tied";
    };
    const clear = pairs.filter((pair) => this.#corrected(pair) < level);
    return {
      ...sizes(candidate),
      unit: pairs[0]!.by.unit,
      pValue,
      gain: interval,
      says: says(),
      fields: changes(candidate, clear.length > 0 ? clear : pairs.slice(0, 1)),
    };
  }
}

interface Measured {
  readonly candidate: Field;
  /** The clearest first. */
  readonly pairs: readonly TestedPair[];
  readonly pValue: number;
  readonly gain: Influenced | null;
  readonly interval: Interval;
}

/** Its p value guards against noise. The interval would test this again, with half the power: docs/domains.md. */
function isGaining({ interval }: Pick<Measured, "interval">): boolean {
  return (interval.value ?? 0) > 0;
}

/** Of the two sides of a pair, the column with fewer values: as a domain it has more rows per value, and costs fewer weights. */
function bySize(a: Measured, b: Measured): number {
  return b.interval.value! - a.interval.value! || a.candidate.levels - b.candidate.levels;
}

function byLevels(a: GroupedField, b: GroupedField): readonly [few: GroupedField, many: GroupedField] {
  return b.levels < a.levels ? [b, a] : [a, b];
}

/** The other column of each pair, once. */
function changes({ name }: Field, pairs: readonly TestedPair[]): ChangedField[] {
  const fields = pairs.map(({ candidate, field, kind, pValue }) => {
    return { field: candidate.name === name ? field.name : candidate.name, kind, pValue };
  });
  return fields.filter(({ field }, at) => fields.findIndex((other) => other.field === field) === at);
}

function sizes({ name, codes, levels }: Field): Pick<ScreenedCandidate, "name" | "values" | "fewestRows"> {
  const counts = new Int32Array(levels);
  for (const code of codes) counts[code]! += 1;
  return { name, values: levels, fewestRows: counts.reduce((least, count) => Math.min(least, count)) };
}
