/** The share of ids on each day that no earlier day had. */

import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Periods } from "../../core/data/periods.js";
import { type ModelSpec, usedFeatures } from "../../core/spec/model.js";

/** Of a feature of ids, by period: the share of its ids; `null` without any. */
export interface NewIds {
  readonly feature: string;
  readonly shares: readonly (number | null)[];
}

/** By encoded id: of hashed features, ids that share a bucket count as one. */
export async function newIds(spec: ModelSpec, rows: EncodedRows, { rows: byPeriod }: Periods): Promise<NewIds[]> {
  const all: NewIds[] = [];
  for (const feature of usedFeatures(spec)) {
    const column = (await measuredColumns(rows, new Set([feature]))).features.get(feature);
    if (column === undefined || column.kind === "dense") continue;
    const earlier = new Set<number>();
    const shares = byPeriod.map((numbers) => {
      const fresh = new Set<number>();
      let [ids, unseen] = [0, 0];
      for (const row of numbers) {
        const [from, to] = column.kind === "ids" ? [row, row + 1] : [column.offsets[row]!, column.offsets[row + 1]!];
        for (let at = from; at < to; at++) {
          const id = column.ids[at]!;
          if (id < 0) continue;
          ids++;
          if (earlier.has(id)) continue;
          unseen++;
          fresh.add(id);
        }
      }
      for (const id of fresh) earlier.add(id);
      return ids === 0 ? null : unseen / ids;
    });
    all.push({ feature, shares });
  }
  return all;
}
