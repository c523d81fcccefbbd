/** Reports on models that are as good as the truth, with few rows and noise. */
import { suggestions } from "../../src/report/rules.js";
import type { ReportFacts } from "../../src/report/summary.js";
import { measurePredictions } from "../../src/train/evaluate.js";
import { random } from "../../src/util/random.js";
import type { Rate } from "../rates.js";
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

/** Reports with any serious finding, and with a best evaluation before the last. */
export async function nullReports(): Promise<Rate[]> {
  let [serious, earlier] = [0, 0];
  for (let seed = 0; seed < reports; seed++) {
    const found = suggestions(await nullReport(seed));
    if (found.some(({ severity }) => severity === "serious")) serious++;
    if (found.some(({ rule }) => rule === "best was earlier")) earlier++;
  }
  return [
    { name: "reports with a serious finding", wrong: serious, of: reports, atMost: 5 },
    { name: "reports with a best evaluation before the last", wrong: earlier, of: reports, atMost: 5 },
  ];
}
