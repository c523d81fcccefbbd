import { groupedXauc, xauc as orderedShare } from "../../metrics/ordered-pairs.js";
import { checkCount, checkNumber } from "../validate/checks.js";
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
  /**
   * The share of pairs of rows whose predictions are in the order of their labels, for an L2 loss. `inBatch`: pairs
   * within each batch of evaluation only.
   */
  xauc(options?: { readonly inBatch?: boolean }): Tower;
}

export const xauc: Metric<XaucSpec> = {
  kind: "xauc",
  message: "XAUC",
  options: { sampleRatio: "number", maxPairs: "optional number", inBatch: "flag" },
  label: "ordered pairs (xAUC)",
  more: "better",
  digits: 4,
  docs: [
    "t.xauc({ inBatch })",
    "with an L2 loss",
    "share of pairs of rows in the order of their labels; ties are wrong",
  ],
  method: "xauc",
  make: ({ inBatch = false }: { readonly inBatch?: boolean } = {}) => ({
    kind: "xauc",
    sampleRatio: 0.001,
    maxPairs: null,
    inBatch,
  }),
  problems: ({ kind, sampleRatio, maxPairs }, place) => [
    ...checkNumber(`${place.path}.sampleRatio`, sampleRatio, { above: 0, most: 1 }),
    ...(maxPairs === null ? [] : checkCount(`${place.path}.maxPairs`, maxPairs)),
    ...numericProblems(kind, place),
  ],
  // Each batch has the same weight, as in TorchEasyRec.
  value: ({ values, labels, batches }, { inBatch }) =>
    inBatch ? groupedXauc(values(), labels, batches(), false) : orderedShare(values(), labels),
};
