/** AUC of several classes: each against the rest, by thresholds. */
import { thresholdAuc } from "./auc.js";

/**
 * The mean of each class's AUC against the other classes (TorchEasyRec `MulticlassAUC`). As in TorchEasyRec, a class
 * without rows, or with all of them, has an AUC of 0.
 * @param probabilities [rows, classes]
 * @param labels [rows], the index of the class
 * @param options `average`: the plain mean over classes (`macro`), or weighted by their rows
 * @returns `null` without rows
 */
export function multiclassAuc(
  probabilities: Float32Array,
  labels: Float32Array,
  {
    thresholds = 200,
    average = "macro",
  }: { readonly thresholds?: number; readonly average?: "macro" | "weighted" } = {},
): number | null {
  const classes = probabilities.length / labels.length;
  let sum = 0;
  let total = 0;
  for (let positiveClass = 0; positiveClass < classes; positiveClass++) {
    const positive = labels.map((label) => (label === positiveClass ? 1 : 0));
    const scores = labels.map((_, row) => probabilities[row * classes + positiveClass]!);
    const auc = thresholdAuc(scores, positive, thresholds) ?? 0;
    const weight = average === "macro" ? 1 : positive.reduce((rows, value) => rows + value, 0);
    sum += weight * auc;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
