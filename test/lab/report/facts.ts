/** Facts of a report on results that no rule has anything to say about; tests change what they are about. */

import { pepnet } from "../../../src/api/model/model.js";
import { modelNotes, modelSheet } from "../../../src/api/model/summary.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import type { Interval } from "../../../src/core/metrics/intervals/bootstrap.js";
import type { Evaluation, MetricIntervals, TaskMetrics } from "../../../src/core/metrics/types.js";
import type { CounterfactualReport } from "../../../src/lab/gates/counterfactual.js";
import type { ReportFacts } from "../../../src/lab/report/summary.js";
import { sheetTable } from "../../../src/lab/views/view.js";
import { coldUsers } from "../charts/drift-results.js";
import {
  ageDomains,
  calibration,
  counterfactuals,
  evaluation,
  gatesHistory,
  gatesReport,
  history,
} from "../charts/results.js";
import { study } from "../charts/study-results.js";

const { spec } = pepnet()
  .features(idFeature("user_id").buckets(100).embedding(4), idFeature("age").buckets(3).embedding(4))
  .labels("clk", "buy")
  .group("domain", ["age"])
  .group("uia", ["user_id"])
  .epnet()
  .ppnet({ hidden: [8] })
  .domains("age", 3)
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc())
  .tower("cvr", (t) => t.label("buy").mlp(4).bce().auc());

/** The facts, with domains of these names. */
export function factsOf(names: readonly string[] = ageDomains): ReportFacts {
  const trained = history(names);
  const last = trained.evaluations.at(-1)?.evaluation as Evaluation;
  return {
    title: "A model",
    spec,
    model: { table: sheetTable(modelSheet(spec)), notes: modelNotes(spec) },
    config: { text: "model_config {}" },
    data: [],
    history: { ...trained, evaluations: trained.evaluations.map((point) => ({ ...point, evaluation: last })) },
    interrupted: false,
    notes: [],
    findings: [],
    evaluation: steady(evaluation(names)),
    references: [],
    coldUsers: coldUsers(names),
    training: null,
    comparison: null,
    calibration: calibration(names),
    audit: null,
    gates: gatesReport(names),
    gatesHistory: gatesHistory(names),
    study: study(names),
    worth: null,
    counterfactuals: all(counterfactuals(names), { value: -0.02, low: -0.03, high: -0.01 }),
    origin: {
      versions: { pepnet: "0.0.0", node: "20" },
      seeds: [{ use: "training", seed: 7 }],
      engine: "compiled",
      machine: "a machine",
      written: "2024-01-01T00:00:00.000Z",
    },
  };
}

/** The report with the same change of AUC for each change and task. */
function all(report: CounterfactualReport, change: Interval): CounterfactualReport {
  const effects = report.effects.map((effect) => ({
    ...effect,
    tasks: effect.tasks.map((task) => ({
      ...task,
      overall: { ...task.overall, auc: change },
      parts: { within: change, between: { value: 0, low: -0.001, high: 0.001 } },
    })),
  }));
  return { ...report, effects };
}

/** AUC .7 everywhere, narrow intervals, calibrated. */
function steady(of: Evaluation): Evaluation {
  return withMetrics(of, (metrics) => ({ ...metrics, auc: 0.7, positives: 400, ...auc(0.68, 0.72) }));
}

/** An interval of AUC. */
export function auc(low: number, high: number): { readonly intervals: MetricIntervals } {
  return { intervals: { auc: { value: (low + high) / 2, low, high } } };
}

/** The evaluation with each cell changed; `domain`: `null` for all rows. */
export function withMetrics(
  of: Evaluation,
  change: (metrics: TaskMetrics, domain: number | null, tower: string) => TaskMetrics,
): Evaluation {
  return {
    ...of,
    tasks: of.tasks.map((task) => ({
      ...task,
      overall: change(task.overall, null, task.tower),
      domains: task.domains.map((metrics, d) => change(metrics, d, task.tower)),
    })),
  };
}
