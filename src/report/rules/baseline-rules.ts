/** Rules on the comparison with a baseline. */
import type { ComparedCell } from "../../metrics/index.js";
import { fixed, signed } from "../../util/text/format.js";
import { namesByDomain } from "../../views/index.js";
import type { Rule } from "./rule.js";

export const baselineRules: readonly Rule[] = [
  {
    name: "worse than the baseline",
    severity: "serious",
    when: "AUC over all rows or in a domain is below the baseline's beyond noise, corrected for the number of cells",
    find: ({ comparison }) => {
      if (comparison === null) return [];
      const names = namesByDomain(comparison.domainNames, comparison.tasks);
      return comparison.tasks.flatMap((task) => {
        const lost = (cell: ComparedCell, place: string): string[] => {
          const { auc } = cell.metrics;
          if (auc?.verdict !== "lost") return [];
          return [
            `${place} ${fixed(auc.first)} against ${fixed(auc.second)} (${signed(auc.value)}, ${signed(auc.low)} to ${signed(auc.high)})`,
          ];
        };
        const cells = [
          ...lost(task.overall, "over all rows"),
          ...task.domains.flatMap((cell, d) => lost(cell, `in ${names[d]}`)),
        ];
        if (cells.length === 0) return [];
        const actions = [{ text: `keep ${comparison.names[1]} for ${task.tower} until the run is no worse there` }];
        return [{ seen: `${task.tower}: AUC is below that of ${comparison.names[1]}: ${cells.join("; ")}.`, actions }];
      });
    },
  },
];
