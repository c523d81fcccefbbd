/** The verdict on a run, in one sentence: whether it can be used, with the number that decides. */
import { comparisonVerdict, type TaskEvaluation } from "../metrics/index.js";
import { count, ends, fixed, grouped } from "../util/text/format.js";
import { taskName } from "../views/index.js";
import type { ReportFacts } from "./facts.js";
import type { Suggestion } from "./rules/index.js";

/** The sentence, with a full stop. */
export function verdict(facts: ReportFacts, suggestions: readonly Suggestion[]): string {
  const { evaluation, comparison, interrupted, history } = facts;
  const serious = suggestions.filter(({ severity }) => severity === "serious");
  if (interrupted) {
    return `Not ready: training was interrupted at step ${grouped(history.points.at(-1)?.step ?? 0)}.`;
  }
  if (evaluation === null) return "Not evaluated: without evaluation rows, nothing can be said about the model.";
  const tasks = evaluation.tasks.map(taskText).join("; ");
  if (comparison !== null) return `${withoutGaps(comparisonVerdict(comparison))} (AUC): ${tasks}.`;
  if (serious.length > 0) return `Not ready: ${count(serious.length, "serious finding")}; ${tasks}.`;
  const moderate = suggestions.filter(({ severity }) => severity === "moderate").length;
  return moderate === 0
    ? `No rule objects to this run: ${tasks}.`
    : `Usable, with ${count(moderate, "finding that costs", "findings that cost")} quality: ${tasks}.`;
}

/** Cells without a verdict are listed in the section of the comparison. */
function withoutGaps(text: string): string {
  return text.replace(/ [\d,]+ cells? cannot be judged .*$/, "").replace(/\.$/, "");
}

/** `ctr AUC 0.712 (0.701 to 0.723), logistic regression 0.690`. */
function taskText(task: TaskEvaluation): string {
  const { auc, intervals } = task.overall;
  if (auc === null) return `${taskName(task)} has no AUC`;
  const floor = task.floor?.overall ?? null;
  return `${taskName(task)} AUC ${fixed(auc)}${ends(intervals?.auc)}${floor === null ? "" : `, logistic regression ${fixed(floor)}`}`;
}
