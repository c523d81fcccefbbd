/** Groups rows by how many training rows have their value: new users against those that training knows well. */
import { count, grouped } from "../../util/text.js";
import { columnKeys, hasValue, type RawColumn, rowsByKey, type ScalarColumn } from "../table/column.js";
import { countBoth, keyValue, scalarIds } from "./drift.js";
import type { RowGroups } from "./row-groups.js";

/** The smallest number of training rows of each group. */
const groupStarts = [0, 1, 5, 20, 100, 500, 2500] as const;

/** 0, 1–4, 5–19, 20–99 … training rows; rows without a value are in none. @throws DataError for lists */
export function trainingGroups(column: string, values: RawColumn, training: RawColumn): RowGroups {
  const [here, trained] = [values, training].map((each) =>
    scalarIds(each, `by: column "${column}"`, "training rows are counted for one id a row"),
  ) as [ScalarColumn, ScalarColumn];
  const asNumbers = here.kind === "number" && trained.kind === "number";
  const counts = countBoth(trained, here);
  const groupOfKey = (key: number): number => {
    const [rows] = counts.get(keyValue(here, key, asNumbers))!;
    return groupStarts.filter((start) => rows >= start).length - 1;
  };
  const groups = new Map([...rowsByKey(here).keys()].map((key) => [key, groupOfKey(key)]));
  const codes = Int32Array.from(columnKeys(here), (key, row) => (hasValue(here, row) ? groups.get(key)! : -1));
  const last = codes.reduce((most, code) => Math.max(most, code), 0);
  const names = groupStarts.slice(0, last + 1).map((_, group) => groupName(group));
  const missing = codes.reduce((total, code) => total + (code < 0 ? 1 : 0), 0);
  const notes = missing === 0 ? [] : [`${column}: ${count(missing, "row")} without a value are left out`];
  return { column, codes, names, groups: { kind: "trainingRows", width: null, names, domains: null }, notes };
}

function groupName(group: number): string {
  const [from, next] = [groupStarts[group]!, groupStarts[group + 1]];
  if (next === undefined) return `${grouped(from)} or more`;
  return next - 1 === from ? grouped(from) : `${grouped(from)}–${grouped(next - 1)}`;
}
