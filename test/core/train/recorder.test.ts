import { expect, it } from "vitest";
import { Recorder } from "../../../src/core/train/loop/recorder.js";

it("weights the losses of a point by rows, also when training goes on from a checkpoint", () => {
  const result = (loss: number) => ({ loss, taskLosses: { ctr: 2 * loss }, gradientNorm: null });
  const first = new Recorder(2000, () => 0);
  first.step(result(5), 1024, 0, false); // the first step is a point of its own
  first.step(result(1), 1024, 0, false);
  const second = new Recorder(2000, () => 0, JSON.parse(JSON.stringify(first.progress())));
  second.step(result(9), 128, 1, true);
  const point = second.history(null).points.at(-1)!;
  expect(point.loss).toBeCloseTo((1024 + 9 * 128) / 1152, 12);
  expect(point.taskLosses["ctr"]).toBeCloseTo((2 * (1024 + 9 * 128)) / 1152, 12);
});
