/** What a registered study planned, and what was looked at afterwards. */
import type { PlanReport, StudyReport } from "../../ablation/index.js";
import { count } from "../../util/text/format.js";

/** The sentences that a registered study's conclusions begin with; none for other studies. */
export function planConclusions({ plan }: StudyReport): string[] {
  if (plan === null) return [];
  const when = `${plan.registered.slice(0, 16).replace("T", " ")} UTC`;
  const plain = plan.question.trim().replace(/\s+/g, " ");
  const before =
    plan.runsBefore === 0
      ? "before its first run"
      : `when ${count(plan.runsBefore, "of its runs was", "of its runs were")} already cached, so their results may have been seen`;
  const question = `Planned on ${when}, ${before}: “${plain}”`;
  if (plan.exploratory) return [`Exploratory: these variants were not in the plan. ${question}`];
  return [
    question,
    plan.domains
      ? "Comparisons by domain are part of the plan."
      : "Comparisons by domain were not planned: they are exploratory.",
    ...explorationsText(plan),
  ];
}

function explorationsText({ explorations }: PlanReport): string[] {
  if (explorations.length === 0) return ["Nothing else was looked at through the plan."];
  const names = [...new Set(explorations.flatMap(({ variants }) => variants))];
  return [`Looked at afterwards, exploratory and not in this report: ${names.join("; ")}.`];
}
