/** All rules, and their findings. */
import type { ReportFacts } from "../facts.js";
import { evaluationRules } from "./evaluation-rules.js";
import { gateRules } from "./gate-rules.js";
import type { Rule, Suggestion } from "./rule.js";
import { trainingRules } from "./training-rules.js";

export type { Rule, Suggestion } from "./rule.js";

/** In the order in which their findings are listed. */
export const rules: readonly Rule[] = [...trainingRules, ...evaluationRules, ...gateRules];

/** Largest number of listed findings per rule; the others are only counted. */
const LISTED = 3;

/** The rules' findings; of a rule with many, the first ones and the number of others. */
export function suggestions(facts: ReportFacts): Suggestion[] {
  return rules.flatMap((rule) => {
    const findings = rule.find(facts);
    return findings.slice(0, LISTED).map(({ seen, next }, index) => {
      const more = findings.length - LISTED;
      const rest = more > 0 && index === LISTED - 1 ? ` The same holds for ${more} more.` : "";
      return { rule: rule.name, seen: seen + rest, next };
    });
  });
}
