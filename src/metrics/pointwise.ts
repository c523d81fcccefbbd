/**
 * Metrics that are means over rows: log loss, calibration, accuracy, errors, normalised entropy.
 */

/**
 * Probabilities are clipped to this distance from 0 and 1 inside a logarithm; float32 sigmoids saturate at about
 * 6e-8.
 */
const edge = 1e-7;

/**
 * Mean negative log likelihood of binary labels, in nats.
 *
 * @param probabilities [rows]
 * @param labels [rows], 0 or 1
 */
export function logLoss(probabilities: Float32Array, labels: Float32Array): number | null {
  return meanOver(labels.length, (row) => pointLogLoss(probabilities[row]!, labels[row]!));
}

/** Negative log likelihood of one row's label, in nats; positive where > 0. */
export function pointLogLoss(probability: number, label: number): number {
  const p = Math.min(1 - edge, Math.max(edge, probability));
  return -Math.log(label > 0 ? p : 1 - p);
}

/**
 * Mean negative log likelihood of class labels, in nats.
 *
 * @param probabilities [rows, classes]
 * @param labels [rows], the index of the class
 */
export function classLogLoss(probabilities: Float32Array, labels: Float32Array): number | null {
  const classes = probabilities.length / labels.length;
  return meanOver(labels.length, (row) =>
    pointClassLogLoss(probabilities.subarray(row * classes, (row + 1) * classes), labels[row]!),
  );
}

/** Negative log likelihood of one row's class, in nats. @param probabilities [classes] */
export function pointClassLogLoss(probabilities: Float32Array, label: number): number {
  return -Math.log(Math.max(edge, probabilities[label]!));
}

/** Log loss divided by the entropy of the base rate; `null` if a class has no rows. */
export function normalizedEntropy(probabilities: Float32Array, labels: Float32Array): number | null {
  const rate = mean(labels);
  const loss = logLoss(probabilities, labels);
  if (rate === null || loss === null || rate <= 0 || rate >= 1) return null;
  return loss / -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

/**
 * Normalised entropy as in TorchEasyRec's `NormalizedEntropy`: the base rate is clipped to [eta, 1 − eta], so that
 * there is a value if a class has no rows, and a logarithm is at least −100, as in PyTorch's binary cross entropy.
 */
export function boundedNormalizedEntropy(
  probabilities: Float32Array,
  labels: Float32Array,
  eta: number,
): number | null {
  const observed = mean(labels);
  if (observed === null) return null;
  const loss = meanOver(labels.length, (row) => {
    const p = probabilities[row]!;
    return -Math.max(-100, Math.log(labels[row]! > 0 ? p : 1 - p));
  });
  const rate = Math.min(1 - eta, Math.max(eta, observed));
  return loss! / -(observed * Math.log(rate) + (1 - observed) * Math.log(1 - rate));
}

/** Mean prediction divided by the observed rate; 1 is calibrated; `null` if no label is positive. */
export function calibration(predictions: Float32Array, labels: Float32Array): number | null {
  const observed = mean(labels);
  return observed === null || observed === 0 ? null : mean(predictions)! / observed;
}

/** Share of rows where (probability > threshold) equals the binary label (torchmetrics' `BinaryAccuracy`). */
export function accuracy(probabilities: Float32Array, labels: Float32Array, threshold = 0.5): number | null {
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    if (probabilities[row]! > threshold === labels[row]! > 0) right++;
  }
  return labels.length === 0 ? null : right / labels.length;
}

/**
 * Share of rows whose label is among the `topK` most probable classes; ties prefer the first. @param probabilities
 * [rows, classes]
 */
export function topKAccuracy(probabilities: Float32Array, labels: Float32Array, topK = 1): number | null {
  const classes = probabilities.length / labels.length;
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    const probability = probabilities[row * classes + label]!;
    let better = 0;
    for (let k = 0; k < classes; k++) {
      const other = probabilities[row * classes + k]!;
      if (other > probability || (other === probability && k < label)) better++;
    }
    if (better < topK) right++;
  }
  return labels.length === 0 ? null : right / labels.length;
}

/** Mean of |prediction − label|. */
export function meanAbsoluteError(predictions: Float32Array, labels: Float32Array): number | null {
  return meanOver(labels.length, (row) => Math.abs(predictions[row]! - labels[row]!));
}

/** Mean of (prediction − label)². */
export function meanSquaredError(predictions: Float32Array, labels: Float32Array): number | null {
  return meanOver(labels.length, (row) => (predictions[row]! - labels[row]!) ** 2);
}

/** Square root of the mean of (prediction − label)². */
export function rootMeanSquaredError(predictions: Float32Array, labels: Float32Array): number | null {
  const squared = meanSquaredError(predictions, labels);
  return squared === null ? null : Math.sqrt(squared);
}

function mean(values: Float32Array): number | null {
  return meanOver(values.length, (row) => values[row]!);
}

function meanOver(rows: number, value: (row: number) => number): number | null {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += value(row);
  return rows === 0 ? null : sum / rows;
}
