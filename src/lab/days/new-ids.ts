/** The share of ids on each day that no earlier day had. */

import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Periods } from "../../core/data/periods.js";
import { type ModelSpec, usedFeatures } from "../../core/spec/model.js";

/** For an id feature, by period: the share of its ids; `null` without any. */
export interface NewIds {
  readonly feature: string;
  readonly shares: readonly (number | null)[];
}

/** By encoded id: for hashed features, ids that share a bucket count as one. */
export async function newIds(spec: ModelSpec, rows: EncodedRows, { rows: byPeriod }: Periods): Promise<NewIds[]> {
  const all: NewIds[] = [];
  for (const feature of usedFeatures(spec)) {
    const column = (await measuredColumns(rows, new Set([feature]))).features.get(feature);
    if (column === undefined || column.kind === "dense") continue;
    // By id: 1 + the first period that had it.
    let most = -1;
    for (const id of column.ids) most = Math.max(most, id);
    const first = new Uint16Array(most + 1);
    const shares = byPeriod.map((numbers, period) => {
      let [ids, unseen] = [0, 0];
      for (const row of numbers) {
        const from: number = column.kind === "ids" ? row : column.offsets[row]!;
        const to: number = column.kind === "ids" ? row + 1 : column.offsets[row + 1]!;
        for (let at = from; at < to; at++) {
          const id = column.ids[at]!;
          if (id < 0) continue;
          if (first[id] === 0) first[id] = period + 1;
          ids++;
          unseen += Number(first[id] === period + 1);
        }
      }
      return ids === 0 ? null : unseen / ids;
    });
    all.push({ feature, shares });
  }
  return all;
}
