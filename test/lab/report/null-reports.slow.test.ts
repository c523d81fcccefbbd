/** Reports where there is nothing to report: hardly any has a serious finding. */
import { expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { judgedRun } from "../../../src/lab/report/judges/judges.js";
import { expectRates } from "../../rates.js";
import { factsOf } from "./facts.js";
import { nullReports, rowRules, wanderingTrainings } from "./null-reports.js";

const calm = factsOf();

test("at most one report in twenty has a serious finding, or a best evaluation before the last", async () => {
  expectRates(await nullReports());
});

test("trainings whose evaluations only wander are past their best, or still rising, in at most 5% each", async () => {
  const rates = await wanderingTrainings();
  expectRates(rates);
  // Notes of fit have the same rules.
  for (let at = 0; at < rates.length; at += 2) expect(rates[at + 1]!.wrong).toBe(rates[at]!.wrong);
});

test("a loss that only wanders has not grown, in 95% of trainings, however few points there are", () => {
  for (const points of [2, 3, 6, 20, 200]) {
    let grown = 0;
    for (let seed = 0; seed < 400; seed++) {
      const source = random(seed).fork("loss");
      const losses = Array.from({ length: points }, (_, at) => ({
        ...calm.history.points[0]!,
        step: 10 * (at + 1),
        rows: 1000 * (at + 1),
        loss: 0.69 + 0.02 * source.normal(),
      }));
      const found = judgedRun({ ...calm, history: { ...calm.history, points: losses } });
      if (found.some(({ judge }) => judge === "loss grew")) grown++;
    }
    expect(grown / 400).toBeLessThan(0.075);
  }
});

test("rules on rows find nothing in at least 95% of reports on models that are as good as the truth", async () => {
  expectRates(await rowRules());
});
