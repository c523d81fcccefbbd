/** Rows whose truth is known, to measure. */
import type { Random } from "../../../src/core/util/random.js";

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Calibrated probabilities around sigmoid(bias), with labels drawn from them. */
export function calibratedRows(rows: number, bias: number, source: Random) {
  const probabilities = new Float32Array(rows).map(() => sigmoid(source.normal() + bias));
  const labels = probabilities.map((p) => (source.uniform() < p ? 1 : 0));
  return { probabilities, labels };
}

/** 0 … count − 1. */
export function everyRow(count: number): Int32Array {
  return new Int32Array(count).map((_, row) => row);
}
