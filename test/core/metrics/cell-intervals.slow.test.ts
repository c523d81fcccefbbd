/** Whether intervals hold what they say: how often they contain the truth. */
import { describe, expect, it } from "vitest";
import { type Random, random } from "../../../src/core/util/random.js";
import { coverage } from "./interval-coverage.js";
import { everyRow, sigmoid } from "./samples.js";

describe("nominal 95% intervals", () => {
  it("of users' rows that are alike hold where users are drawn, and not where rows are", () => {
    const users = (source: Random) => {
      const units = Int32Array.from({ length: 600 }, (_, row) => Math.floor(row / 10));
      const taste = Array.from({ length: 60 }, () => source.normal());
      const probabilities = Float32Array.from(units, () => sigmoid(source.normal() * 0.5 - 0.5));
      const labels = Float32Array.from(units, (user) => (source.uniform() < sigmoid(2 * taste[user]!) ? 1 : 0));
      return { probabilities, labels, units };
    };
    const share = (drawRows: boolean) =>
      coverage({ logLoss: trueLoss }, (source) => {
        const sample = users(source);
        return drawRows ? { ...sample, units: everyRow(600) } : sample;
      })["logLoss"]!;
    // The labels do not depend on the predictions: the loss is a mean over both.
    const source = random(2);
    const losses = Array.from({ length: 200_000 }, () => {
      const p = sigmoid(source.normal() * 0.5 - 0.5);
      return -(Math.log(p) + Math.log(1 - p)) / 2;
    });
    const trueLoss = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(share(false)).toBeGreaterThanOrEqual(0.92);
    expect(share(true)).toBeLessThan(0.88);
  });
});
