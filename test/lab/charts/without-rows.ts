/** Results in which one domain has no rows, as evaluations and gate statistics give them. */

import type { CalibrationReport } from "../../../src/core/metrics/calibration-curve.js";
import type { Comparison, Difference } from "../../../src/core/metrics/comparison-verdict.js";
import type { Evaluation } from "../../../src/core/metrics/types.js";
import type { CounterfactualReport } from "../../../src/lab/gates/counterfactual.js";
import type { GatesReport } from "../../../src/lab/gates/types.js";
import type { LabelRate } from "../../../src/lab/views/data/label-rates.js";
import { metrics } from "./results.js";

function replaced<Item>(items: readonly Item[], at: number, item: (old: Item) => Item): Item[] {
  return items.map((old, index) => (index === at ? item(old) : old));
}

/** Each takes results and the domain to empty. */
export const withoutRows = {
  evaluation: (of: Evaluation, domain: number): Evaluation => ({
    ...of,
    tasks: of.tasks.map((task) => ({ ...task, domains: replaced(task.domains, domain, () => metrics(null, 0)) })),
  }),

  labelRates: (of: readonly LabelRate[], domain: number): LabelRate[] =>
    of.map((rate) => ({ ...rate, domains: replaced(rate.domains, domain, () => ({ rows: 0, positives: 0 })) })),

  comparison: (of: Comparison, domain: number): Comparison => ({
    ...of,
    tasks: of.tasks.map((task) => ({
      ...task,
      domains: replaced(task.domains, domain, ({ metrics: of }) => ({
        rows: 0,
        positives: 0,
        metrics: { auc: { ...of.auc, ...nothing, verdict: "gap", gap: "no rows" } as Difference },
      })),
    })),
  }),

  calibration: (of: CalibrationReport, domain: number): CalibrationReport => ({
    ...of,
    tasks: of.tasks.map((task) => ({
      ...task,
      domains: replaced(task.domains, domain, () => ({ rows: 0, bins: [], gap: "no rows" })),
    })),
  }),

  gates: (of: GatesReport, domain: number): GatesReport => ({
    ...of,
    gates: of.gates.map((gate) => ({
      ...gate,
      domains: replaced(gate.domains, domain, (at) => ({ ...at, rows: 0 })),
    })),
    fields: of.fields.map((field) => ({ ...field, means: replaced(field.means, domain, () => null) })),
  }),

  counterfactuals: (of: CounterfactualReport, domain: number): CounterfactualReport => ({
    ...of,
    effects: of.effects.map((effect) => ({
      ...effect,
      tasks: effect.tasks.map((task) => ({
        ...task,
        domains: replaced(task.domains, domain, () => ({
          rows: 0,
          auc: { value: null, low: null, high: null },
          logitChange: null,
        })),
      })),
    })),
  }),
};

const nothing = {
  value: null,
  low: null,
  high: null,
  first: null,
  second: null,
  pValue: null,
  adjustedPValue: null,
};
