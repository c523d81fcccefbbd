import { describe, expect, it } from "vitest";
import { exactAuc, groupedAuc } from "../../../src/core/metrics/auc.js";
import { expectedCalibrationError } from "../../../src/core/metrics/calibration-curve.js";
import { drawCells } from "../../../src/core/metrics/intervals/cell-intervals.js";
import {
  binaryCell,
  calibration,
  type DrawnCell,
  logLoss,
  meansCell,
  normalizedEntropy,
} from "../../../src/core/metrics/intervals/drawn-cell.js";
import { random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { calibratedRows, everyRow } from "./samples.js";

const source = random(5);
const rows = 400;
const { probabilities, labels } = calibratedRows(rows, -1, source);
/** Many ties. */
const scores = probabilities.map((p) => Math.round(p * 20) / 20);

function measured(cell: DrawnCell, weights: Uint8Array): Record<string, number> {
  const values = new Float64Array(cell.names.length);
  cell.measure(weights, values);
  return Object.fromEntries(cell.names.map((name, place) => [name, values[place] as number]));
}

describe("a cell on a draw", () => {
  it("is measured as rows repeated so often are", () => {
    const own = everyRow(rows).filter((row) => row % 3 !== 0);
    const weights = Uint8Array.from(labels, () => source.integer(4));
    const repeated = Array.from(own).flatMap((row) => new Array<number>(weights[row] as number).fill(row));
    const pick = (values: Float32Array) => Float32Array.from(repeated, (row) => values[row] as number);
    const found = measured(binaryCell({ rows: own, labels, units: everyRow(rows) }, scores), weights);
    expect(found["auc"]).toBeCloseTo(exactAuc(pick(scores), pick(labels))!, 12);
    expect(found["logLoss"]).toBeCloseTo(logLoss(pick(scores), pick(labels))!, 5);
    expect(found["normalizedEntropy"]).toBeCloseTo(normalizedEntropy(pick(scores), pick(labels))!, 5);
    expect(found["calibration"]).toBeCloseTo(calibration(pick(scores), pick(labels))!, 5);
  });

  it("is measured as it is where everything is drawn once", () => {
    const users = Int32Array.from(labels, () => source.integer(30) - 1);
    const cell = binaryCell({ rows: everyRow(rows), labels, units: everyRow(rows) }, scores, users);
    const found = measured(cell, new Uint8Array(rows).fill(1));
    const known = everyRow(rows).filter((row) => users[row]! >= 0);
    const pick = (values: Float32Array) => Float32Array.from(known, (row) => values[row] as number);
    expect(found["expectedCalibrationError"]).toBeCloseTo(expectedCalibrationError(scores, labels)!, 6);
    expect(found["calibrationNoise"]).toBeCloseTo(0, 9);
    expect(found["groupedAuc"]).toBeCloseTo(
      groupedAuc(
        pick(scores),
        pick(labels),
        known.map((row) => users[row]!),
      )!,
      12,
    );
  });

  it("counts a user's AUC as often as the user is drawn", () => {
    const small = { scores: Float32Array.of(1, 2, 2, 1), labels: Float32Array.of(0, 1, 0, 1) };
    const users = Int32Array.of(0, 0, 1, 1);
    const cell = binaryCell({ rows: everyRow(4), labels: small.labels, units: users }, small.scores, users);
    expect(measured(cell, Uint8Array.of(3, 1))["groupedAuc"]).toBe(3 / 4);
    expect(measured(cell, Uint8Array.of(0, 2))["groupedAuc"]).toBe(0);
  });

  it("is not defined where a class is not drawn", () => {
    const cell = binaryCell({ rows: everyRow(rows), labels, units: everyRow(rows) }, scores);
    const found = measured(cell, Uint8Array.from(labels));
    expect(found["auc"]).toBeNaN();
    expect(found["normalizedEntropy"]).toBeNaN();
    expect(found["logLoss"]).toBeGreaterThan(0);
  });

  it("of values is their mean, and the root of one", () => {
    const cell = meansCell(
      { rows: everyRow(3), labels: new Float32Array(3), units: everyRow(3) },
      { meanSquaredError: Float64Array.of(1, 4, 9), rootMeanSquaredError: Float64Array.of(1, 4, 9) },
    );
    expect(measured(cell, Uint8Array.of(1, 2, 0))).toEqual({ meanSquaredError: 3, rootMeanSquaredError: Math.sqrt(3) });
  });
});

describe("draws", () => {
  it("draw each unit once on average, as often as a Poisson number, the same for the same seed", () => {
    const one = meansCell(
      { rows: everyRow(1), labels: new Float32Array(1), units: Int32Array.of(0) },
      { meanSquaredError: Float64Array.of(1) },
    );
    const times: number[] = [];
    const spy: DrawnCell = { ...one, measure: (weights) => times.push(...weights) };
    atOnce(drawCells([spy], { units: 1001, draws: 20, seed: 3 }));
    const share = (count: number) => times.filter((time) => time === count).length / times.length;
    expect(times).toHaveLength(20_020);
    expect(share(0)).toBeCloseTo(Math.exp(-1), 2);
    expect(share(1)).toBeCloseTo(Math.exp(-1), 2);
    expect(share(3)).toBeCloseTo(Math.exp(-1) / 6, 2);
    const cell = binaryCell({ rows: everyRow(rows), labels, units: everyRow(rows) }, scores);
    const draw = () => atOnce(drawCells([cell], { units: rows, draws: 5, seed: 3 }));
    expect(draw()).toEqual(draw());
  });
});
