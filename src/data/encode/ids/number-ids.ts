/**
 * A fast path for the most common column: integers with one id per row, in one loop without intermediate arrays.
 */
import { inRuns, type Work } from "../../../util/turns.js";
import { type IdColumn, sharedInts } from "../../encoded/encoded.js";
import type { NumberColumn } from "../../table/column.js";
import { Fault } from "../../table/row-problem.js";
import { type IdRule, notAnId } from "./rows-of-ids.js";

/** Ids of a number column, and the rows to report. */
export interface NumberIds {
  readonly column: IdColumn;
  /** Rows with values that are not ids. */
  readonly bad: Fault;
  /** Rows with ids outside the vocabulary or range. */
  readonly outside: Fault;
  /** Rows without a value. */
  readonly empty: Fault;
}

/** The maximum number of ids without a row of their own that are cached. */
const remembered = 1 << 18;
/** Rows that are looked up without a pause. */
const runRows = 1 << 13;

/** The row of an id; that of an id outside the vocabulary counts down from here. An object for each would be slower. */
const firstOutside = notAnId - 1;

type LookUp = (value: number) => number;

/** The cache of each rule, shared by all parts of a table. */
const lookUps = new WeakMap<IdRule, LookUp>();

/** @param emptyRow the table's row of a missing value; −1: none */
export function* numberIds(column: NumberColumn, rule: IdRule, emptyRow: number): Work<NumberIds> {
  const { values, valid } = column;
  const ids = sharedInts(values.length);
  const faults = { bad: new Fault(), outside: new Fault(), empty: new Fault() };
  if (values instanceof Int32Array && valid === null && rule.buckets !== null) {
    const { count, outsideRow } = rule.buckets;
    bucketIds(values, count, outsideRow, ids, faults.outside);
    return { column: { kind: "ids", ids }, ...faults };
  }
  const look = rule.buckets === null ? lookUp(rule) : null;
  const count = rule.buckets?.count ?? 0;
  const outsideRow = rule.buckets?.outsideRow ?? 0;
  yield* inRuns(values.length, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const value = values[row]!;
      if ((valid !== null && valid[row] === 0) || Number.isNaN(value)) {
        ids[row] = emptyRow;
        faults.empty.note(row, "null");
      } else if (!Number.isInteger(value)) {
        ids[row] = notAnId;
        faults.bad.note(row, () => JSON.stringify(String(value)));
      } else if (look === null) {
        if (value >= 0 && value < count) ids[row] = value;
        else {
          ids[row] = outsideRow;
          faults.outside.note(row, value);
        }
      } else {
        const answer = look(value);
        ids[row] = answer > firstOutside ? answer : firstOutside - answer;
        if (answer === notAnId) faults.bad.note(row, () => JSON.stringify(String(value)));
        else if (answer <= firstOutside) faults.outside.note(row, value);
      }
    }
  });
  return { column: { kind: "ids", ids }, ...faults };
}

/** Integers without nulls: only the range must be checked. */
function bucketIds(values: Int32Array, count: number, outsideRow: number, ids: Int32Array, outside: Fault): void {
  ids.set(values);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value >= 0 && value < count) continue;
    ids[row] = outsideRow;
    outside.note(row, value);
  }
}

function lookUp(rule: IdRule): LookUp {
  const made = lookUps.get(rule);
  if (made !== undefined) return made;
  const results = new Map<number, number>();
  let others = 0;
  const look: LookUp = (value) => {
    const before = results.get(value);
    if (before !== undefined) return before;
    const id = rule.rowOfNumber(value);
    const outside = rule.wasOutside();
    const answer = outside ? firstOutside - id : id;
    // A vocabulary is in memory anyway; other ids may be any number.
    if ((rule.isVocabulary && !outside) || others++ < remembered) results.set(value, answer);
    return answer;
  };
  lookUps.set(rule, look);
  return look;
}
