/** `truth`: how often verdicts err where nothing is to be found, and where the answer is known, with what they may. */

import { driftRates } from "../test/core/data/user-worlds.js";
import { equalModels, equalPairs } from "../test/core/train/equal-models.js";
import { userEvaluationRates } from "../test/core/train/user-evaluations.js";
import { curveRates, curves } from "../test/lab/ablation/response-worlds.js";
import { nullGates } from "../test/lab/gates/null-gates.js";
import { nullImportances, trainedImportances } from "../test/lab/gates/null-importance.js";
import { nullReports, rowRules, wanderingTrainings } from "../test/lab/report/null-reports.js";
import { type Rate, series } from "../test/rates.js";
import type { Measurement } from "./figure.js";

/** The same simulations are tests. */
const simulations: readonly (() => readonly Rate[] | Promise<readonly Rate[]>)[] = [
  nullReports,
  wanderingTrainings,
  rowRules,
  driftRates,
  userEvaluationRates,
  async () => [await equalPairs(), (await equalModels()).models],
  nullGates,
  nullImportances,
  () => trainedImportances(20),
  async () => (await Promise.all(curves.map(([name, planted]) => curveRates(name, planted)))).flat(),
];

export const truthMeasurement: Measurement = {
  name: "truth",
  onlyByName: true,
  async run(report) {
    series.areWhole = true;
    for (const simulation of simulations) {
      for (const { name, wrong, of, atMost } of await simulation()) {
        const place = name.replaceAll(/[ ,:]+/g, "-");
        report(`truth.${place}.of-${of}.at-most-${atMost}`, wrong, "count", { limit: String(atMost) });
      }
    }
  },
};
