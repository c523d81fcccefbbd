/** Reports on models that are as good as the truth, with few rows and noise: hardly any has a serious finding. */
import { expect, test } from "vitest";
import { suggestions } from "../../src/report/rules.js";
import type { ReportFacts } from "../../src/report/summary.js";
import { measurePredictions } from "../../src/train/evaluate.js";
import { random } from "../../src/util/random.js";
import { measuredRows, noisyPredictions, twoTasks } from "../train/measured.js";
import { factsOf } from "./facts.js";

const reports = 60;
const calm = factsOf();

/** About 60 rows a domain, a logistic regression that is as good, and a training whose evaluations only wander. */
async function nullReport(seed: number): Promise<ReportFacts> {
  const { data, logits, domains } = measuredRows(190, 900 + seed);
  const source = random(seed).fork("null report");
  const wandering = () => noisyPredictions(logits, domains, () => 0.5, source);
  const found = await measurePredictions(twoTasks, data, wandering(), { intervals: { draws: 60 } });
  const evaluation = {
    ...found,
    tasks: found.tasks.map((task) => ({
      ...task,
      floor: { overall: task.overall.auc! + 0.01 * source.normal(), domains: [] },
    })),
  };
  const evaluations = [];
  for (let e = 0; e < 8; e++) {
    evaluations.push({
      step: 10 * (e + 1),
      epoch: e,
      evaluation: await measurePredictions(twoTasks, data, wandering()),
    });
  }
  return { ...calm, evaluation, history: { ...calm.history, bestStep: null, evaluations } };
}

test("at most one report in twenty has a serious finding, or a best evaluation before the last", async () => {
  let [serious, earlier] = [0, 0];
  for (let seed = 0; seed < reports; seed++) {
    const found = suggestions(await nullReport(seed));
    if (found.some(({ severity }) => severity === "serious")) serious++;
    if (found.some(({ rule }) => rule === "best was earlier")) earlier++;
  }
  expect(serious).toBeLessThanOrEqual(5);
  expect(earlier).toBeLessThanOrEqual(5);
});
