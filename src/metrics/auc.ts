/** Area under the ROC curve: exact, by thresholds as TorchEasyRec computes it, and grouped. */

/**
 * Exact AUC: the probability that a positive row scores above a negative one, ties counting half.
 * As fast as one native sort: score and label are packed into one sortable number.
 *
 * @param scores [rows]
 * @param labels [rows]; positive where > 0
 * @returns `null` where one of the classes has no rows
 */
export function exactAuc(scores: Float32Array, labels: Float32Array): number | null {
  const packed = packScores(scores, labels);
  packed.sort();
  let positives = 0;
  let negatives = 0;
  let rankSum = 0;
  for (let start = 0; start < packed.length; ) {
    const key = Math.floor((packed[start] as number) / 2);
    let tiedPositives = 0;
    let end = start;
    for (; end < packed.length && Math.floor((packed[end] as number) / 2) === key; end++) {
      tiedPositives += (packed[end] as number) % 2;
    }
    const tiedNegatives = end - start - tiedPositives;
    rankSum += tiedPositives * (negatives + tiedNegatives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    start = end;
  }
  return positives === 0 || negatives === 0 ? null : rankSum / (positives * negatives);
}

/**
 * AUC by thresholds linspace(0, 1, thresholds), positive where score ≥ threshold, trapezoid rule
 * (TorchEasyRec `AUC`, default 200).
 *
 * @param scores [rows], probabilities in [0, 1]
 * @param labels [rows]; positive where > 0
 * @returns `null` where one of the classes has no rows
 */
export function thresholdAuc(scores: Float32Array, labels: Float32Array, thresholds = 200): number | null {
  const grid = Float32Array.from({ length: thresholds }, (_, i) => i / (thresholds - 1));
  const positivesAt = new Float64Array(thresholds + 1);
  const negativesAt = new Float64Array(thresholds + 1);
  for (let row = 0; row < scores.length; row++) {
    const passed = thresholdsPassed(scores[row] as number, grid);
    const counts = (labels[row] as number) > 0 ? positivesAt : negativesAt;
    counts[passed] = (counts[passed] as number) + 1;
  }
  let truePositives = 0;
  let falsePositives = 0;
  let area = 0;
  let previous: readonly [number, number] | null = null;
  for (let passed = thresholds; passed >= 1; passed--) {
    truePositives += positivesAt[passed] as number;
    falsePositives += negativesAt[passed] as number;
    if (previous) area += ((falsePositives - previous[1]) * (truePositives + previous[0])) / 2;
    previous = [truePositives, falsePositives];
  }
  return truePositives === 0 || falsePositives === 0 ? null : area / (truePositives * falsePositives);
}

/**
 * Grouped AUC: the unweighted mean of the exact AUC over the groups that have both classes
 * (TorchEasyRec `GroupedAUC`).
 *
 * @param groups [rows], the group of each row
 * @returns `null` where no group has both classes
 */
export function groupedAuc(scores: Float32Array, labels: Float32Array, groups: Float64Array): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  order.sort((a, b) => (groups[a] as number) - (groups[b] as number));
  let sum = 0;
  let count = 0;
  for (let start = 0; start < order.length; ) {
    const group = groups[order[start] as number];
    let end = start;
    while (end < order.length && groups[order[end] as number] === group) end++;
    const rows = order.subarray(start, end);
    const auc = exactAuc(
      Float32Array.from(rows, (row) => scores[row] as number),
      Float32Array.from(rows, (row) => labels[row] as number),
    );
    if (auc !== null) {
      sum += auc;
      count++;
    }
    start = end;
  }
  return count === 0 ? null : sum / count;
}

/** Each score's bits as an integer that sorts like the score, doubled, plus 1 for a positive label. */
function packScores(scores: Float32Array, labels: Float32Array): Float64Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const packed = new Float64Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    const word = bits[row] as number;
    // −0 and 0 are one score.
    const key = word === 0x80000000 ? 0x80000000 : word & 0x80000000 ? ~word >>> 0 : (word | 0x80000000) >>> 0;
    packed[row] = key * 2 + ((labels[row] as number) > 0 ? 1 : 0);
  }
  return packed;
}

/** How many thresholds of the ascending grid a score reaches. */
function thresholdsPassed(score: number, grid: Float32Array): number {
  let passed = Math.min(grid.length, Math.max(0, Math.floor(score * (grid.length - 1)) + 1));
  while (passed < grid.length && score >= (grid[passed] as number)) passed++;
  while (passed > 0 && score < (grid[passed - 1] as number)) passed--;
  return passed;
}
