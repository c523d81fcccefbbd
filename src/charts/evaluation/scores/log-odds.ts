/**
 * An axis of probabilities in log-odds: rare positives would press all scores against the left end of a linear axis,
 * and the logit is the scale on which a model adds its effects.
 */
import type { JsonObject } from "../../../util/json.js";
import { percent } from "../../../util/text/format.js";
import { xAxis } from "../../panels/index.js";
import { rounded } from "../../theme/index.js";

/** Probabilities of ticks, the rounder ones first; each is also mirrored at 50%. */
const TICKS = [0.5, 0.1, 0.01, 0.001, 1e-4, 1e-6, 1e-9, 1e-15, 1e-30, 0.05, 0.2, 0.3, 0.02, 0.4, 0.45, 1e-5];
/** Smallest distance between ticks, as a share of the axis. */
const LEAST_GAP = 0.15;

/** The log-odds of a probability; finite for 0 and 1 too, beyond every other float32 probability. */
export function logOdds(probability: number): number {
  const inside = Math.min(1 - 2 ** -25, Math.max(2 ** -150, probability));
  return Math.log(inside / (1 - inside));
}

/** An x axis from `low` to `high`, both in log-odds, whose ticks are probabilities. */
export function logOddsAxis(title: string, low: number, high: number): JsonObject {
  const ticks: number[] = [];
  for (const tick of TICKS.flatMap((p) => (p === 0.5 || p < 1e-4 ? [p] : [p, 1 - p]))) {
    const at = logOdds(tick);
    const isFar = ticks.every((other) => Math.abs(logOdds(other) - at) >= LEAST_GAP * (high - low));
    if (low <= at && at <= high && isFar) ticks.push(tick);
  }
  ticks.sort((a, b) => a - b);
  const pad = (high - low) * 0.02;
  return xAxis(title, {
    range: [rounded(low - pad), rounded(high + pad)],
    tickvals: ticks.map((p) => rounded(logOdds(p))),
    ticktext: ticks.map(tickText),
  });
}

function tickText(probability: number): string {
  const digits = [0, 1, 2, 3, 4].find(
    (d) => Math.abs(Number((probability * 100).toFixed(d)) - probability * 100) < 1e-9,
  );
  return digits === undefined ? probability.toExponential(0).replace("-", "−") : percent(probability, digits);
}
