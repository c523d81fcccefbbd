/** The time that a training still needs, also between the points of its history. */
import { expect, it } from "vitest";
import type { Progress } from "../../src/train/loop/recorder.js";
import { progressTeller, Recorder } from "../../src/train/loop/recorder.js";

it("the time left follows from all rows so far, not from those of the last point", () => {
  const [totalSteps, rowsAStep, stepsASecond] = [141_000, 16, 50];
  let seconds = 0;
  const record = new Recorder(totalSteps, () => seconds);
  const progress: Progress[] = [];
  const tell = progressTeller(record, totalSteps, (each) => progress.push(each));
  for (let step = 1; step <= 600; step++) {
    seconds = step / stepsASecond;
    record.step({ loss: 1, taskLosses: {}, gradientNorm: null }, rowsAStep, 0, false);
    tell(0, null, false, true);
  }
  expect(record.history(null).points).toHaveLength(1);
  for (const { step, secondsLeft } of progress) {
    expect(secondsLeft).toBeCloseTo((totalSteps - step) / stepsASecond, 6);
  }
});
