/** The time that a training still needs, also between the points of its history. */
import { expect, it } from "vitest";
import { type Progress, progressTeller, Recorder } from "../../../src/core/train/loop/recorder.js";

it.each([0, 1000])(
  "slow first steps, of a training and of one that resumes at step %s, say nothing of the others",
  (from) => {
    let seconds = 0;
    const before = new Recorder(4000, () => seconds);
    const step = (record: Recorder, time: number): void => {
      seconds += time;
      record.step({ loss: 1, taskLosses: {}, gradientNorm: null }, 16, 0, false);
    };
    for (let at = 0; at < from; at++) step(before, 0.5); // on a slower machine
    const record = new Recorder(4000, () => seconds, before.progress());
    const progress: Progress[] = [];
    const tell = progressTeller(record, 4000, (each) => progress.push(each));
    for (let at = 1; at <= 200; at++) {
      step(record, at === 1 ? 3 : at <= 5 ? 0.2 : 0.01);
      tell(0, null, false, true);
    }
    for (const { step, secondsLeft } of progress.slice(60)) expect(secondsLeft).toBeCloseTo((4000 - step) / 100, 6);
  },
);

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
