/** All rules, and what they find. */
import type { ReportFacts } from "../facts.js";
import { evaluationRules } from "./evaluation-rules.js";
import { gateRules } from "./gate-rules.js";
import type { Rule, Suggestion } from "./rule.js";
import { trainingRules } from "./training-rules.js";

export type { Rule, Suggestion } from "./rule.js";

/** In the order in which their findings are told. */
export const rules: readonly Rule[] = [...trainingRules, ...evaluationRules, ...gateRules];

/** Findings of one rule beyond so many are counted, not told: fifty weak domains are one story. */
const TOLD = 3;

/** What the rules find; of a rule that finds much, the first and how many more there are. */
export function suggestions(facts: ReportFacts): Suggestion[] {
  return rules.flatMap((rule) => {
    const found = rule.find(facts);
    return found.slice(0, TOLD).map(({ seen, next }, index) => {
      const more = found.length - TOLD;
      const rest = more > 0 && index === TOLD - 1 ? ` So it is in ${more} more.` : "";
      return { rule: rule.name, seen: seen + rest, next };
    });
  });
}
