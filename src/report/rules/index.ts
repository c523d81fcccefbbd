/** All rules, and their findings. */
import type { ReportFacts } from "../facts.js";
import { advise } from "./advise.js";
import { baselineRules } from "./baseline-rules.js";
import { evaluationRules } from "./evaluation-rules.js";
import { gateRules } from "./gate-rules.js";
import type { Rule, Suggestion } from "./rule.js";
import { trainingRules } from "./training-rules.js";

export type { Rule, Severity, Suggestion } from "./rule.js";

/** All rules; findings of equal severity are listed in this order. */
export const rules: readonly Rule[] = [...trainingRules, ...baselineRules, ...evaluationRules, ...gateRules];

/** The rules' findings, the worst first; of a rule with many, the first ones and the number of others. */
export function suggestions(facts: ReportFacts): Suggestion[] {
  return advise(rules, facts);
}
