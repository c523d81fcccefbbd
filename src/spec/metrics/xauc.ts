import { groupedXauc, xauc as orderedShare } from "../../metrics/ordered-pairs.js";
import { flag, number, optionalNumber, positive } from "../option.js";
import { type Metric, numericProblems } from "./metric.js";

/** Share of pairs of rows in the order of their labels. */
export interface XaucSpec {
  readonly kind: "xauc";
  /** TorchEasyRec draws this share of all pairs; here all pairs count. */
  readonly sampleRatio: number;
  /** TorchEasyRec draws this number of pairs instead; `null`: by `sampleRatio`. */
  readonly maxPairs: number | null;
  /** Pairs within each batch of evaluation only; the value is the mean over batches. */
  readonly inBatch: boolean;
}

export interface XaucMethod<Tower> {
  /** The share of pairs of rows in the order of their labels, for an L2 loss. `inBatch`: within batches only. */
  xauc(options?: { readonly inBatch?: boolean }): Tower;
}

export const xauc: Metric<XaucSpec, XaucMethod<unknown>> = {
  kind: "xauc",
  options: { sampleRatio: number({ above: 0, most: 1 }), maxPairs: optionalNumber(positive), inBatch: flag() },
  label: "ordered pairs (xAUC)",
  more: "better",
  docs: [
    "t.xauc({ inBatch })",
    "with an L2 loss",
    "share of pairs of rows in the order of their labels; ties are wrong",
  ],
  method: "xauc",
  make: ({ inBatch = false } = {}) => ({ sampleRatio: 0.001, maxPairs: null, inBatch }),
  problems: ({ kind }, place) => numericProblems(kind, place),
  // Each batch has the same weight, as in TorchEasyRec.
  value: ({ values, labels, batches }, { inBatch }) =>
    inBatch ? groupedXauc(values(), labels, batches(), false) : orderedShare(values(), labels),
};
