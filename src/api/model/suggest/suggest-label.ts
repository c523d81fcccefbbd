/** Chooses how a column becomes a label of 0 and 1. */
import type { ColumnSummary, RawColumn } from "../../../data/index.js";
import { DataError } from "../../../errors/index.js";
import type { BuilderCall } from "./builder-call.js";

/** A label. */
export interface LabelChoice {
  /** The column's name if it holds 0 and 1; otherwise a label by a rule. */
  readonly label: string | BuilderCall;
  readonly reason: string;
}

/**
 * A column of 0 and 1 or of booleans is the label; of two texts, the rarer one is 1; of more numbers, the larger half.
 * Throws a DataError for other columns.
 */
export function suggestLabel(name: string, summary: ColumnSummary, sample: RawColumn): LabelChoice {
  const { type, distinct, min, max, top } = summary;
  if (type === "boolean") return { label: name, reason: "label: yes or no" };
  if (distinct === 2 && min === 0 && max === 1) return { label: name, reason: "label: 0 or 1" };
  if (distinct === 2 && top[1] !== undefined) {
    const rarer = top[1].value;
    return {
      label: rule(name, ["equals", rarer]),
      reason: `label: 1 for ${JSON.stringify(rarer)}, the rarer of two values`,
    };
  }
  if ((type === "integer" || type === "float") && distinct > 2 && sample.kind === "number") {
    const limit = upperHalf(sample);
    return {
      label: rule(name, ["atLeast", limit]),
      reason: `label: 1 from ${limit}, about half of the rows; change the limit`,
    };
  }
  throw new DataError({
    path: `column "${name}"`,
    message: "this column does not suggest a label of 0 and 1",
    received: `${type}, ${distinct} values`,
    expected: "two values, or numbers",
    fix: 'compute the label in the data, or write label("…").equals("…") yourself',
  });
}

function rule(name: string, method: BuilderCall["methods"][number]): BuilderCall {
  return { start: "label", values: [name], methods: [method] };
}

/** The limit for which the share of rows at or above it is nearest to one half. */
function upperHalf({ values, valid }: Extract<RawColumn, { kind: "number" }>): number {
  const finiteValues = Float64Array.from(values)
    .filter((value, row) => Number.isFinite(value) && valid?.[row] !== 0)
    .sort();
  const limits = [...new Set(finiteValues)].slice(1);
  const share = (limit: number): number => 1 - finiteValues.findIndex((value) => value >= limit) / finiteValues.length;
  return limits.reduce((best, limit) => (Math.abs(share(limit) - 0.5) < Math.abs(share(best) - 0.5) ? limit : best));
}
