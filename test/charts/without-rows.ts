/** Results in which one domain has no rows, as evaluations and gate statistics give them. */
import type { CounterfactualReport } from "../../src/gates/counterfactual.js";
import type { DomainDistances, GatesReport } from "../../src/gates/types.js";
import type { Evaluation } from "../../src/metrics/types.js";
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

  gates: (of: GatesReport, domain: number): GatesReport => ({
    ...of,
    gates: of.gates.map((gate) => ({
      ...gate,
      domains: replaced(gate.domains, domain, (at) => ({ ...at, rows: 0, histogram: at.histogram.map(() => 0) })),
      distances: gate.distances && distancesWithout(gate.distances, domain),
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

function distancesWithout(distances: DomainDistances, domain: number): DomainDistances {
  const without = (matrix: DomainDistances["cosine"]): DomainDistances["cosine"] =>
    matrix.map((row, a) => row.map((value, b) => (a === domain || b === domain ? null : value)));
  return {
    cosine: without(distances.cosine),
    jensenShannon: without(distances.jensenShannon),
    meanDistance: without(distances.meanDistance),
  };
}
