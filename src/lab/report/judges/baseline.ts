/** Judges that compare a run with a baseline. */
import type { ComparedCell, Verdict } from "../../../core/metrics/comparison-verdict.js";
import { fixed, signed } from "../../../core/util/text.js";
import { namesByDomain } from "../../views/view.js";
import { observation, observations, type RunFacts, type RunJudge, type RunObservation } from "./facts.js";

/** AUCs of a task over all rows and in domains with this verdict. */
function belowBaseline(
  { comparison }: RunFacts,
  verdict: Verdict,
  next: (baseline: string, tower: string) => string,
): RunObservation[] {
  if (comparison == null) return [];
  const names = namesByDomain(comparison.domainNames, comparison.tasks);
  const below = ({ metrics: { auc } }: ComparedCell, place: string): string[] => {
    if (auc?.verdict !== verdict) return [];
    const ends = `${signed(auc.low)} to ${signed(auc.high)}`;
    return [`${place} ${fixed(auc.first)} against ${fixed(auc.second)} (${signed(auc.value)}, ${ends})`];
  };
  return observations(comparison.tasks, (task) => {
    const domains = task.domains.flatMap((cell, d) => below(cell, `in ${names[d]}`));
    const cells = [...below(task.overall, "over all rows"), ...domains];
    if (cells.length === 0) return null;
    const [, baseline] = comparison.names;
    const whose = verdict === "behind" ? " in this training" : "";
    const message = `AUC is below that of ${baseline}${whose}: ${cells.join("; ")}`;
    const lost = [task.overall, ...task.domains].map(({ metrics: { auc } }) =>
      auc?.verdict === verdict ? auc.value! : 0,
    );
    return { ...observation(task.tower, message, next(baseline, task.tower)), size: -Math.min(...lost) };
  });
}

export const baselineJudges: readonly RunJudge[] = [
  {
    name: "worse than the baseline",
    severity: "serious",
    when: "AUC over all rows or in a domain is below the baseline's beyond noise of rows and trainings, corrected for the number of cells",
    heldBy: "test/core/train/compare.test.ts",
    find: (facts) =>
      belowBaseline(
        facts,
        "lost",
        (baseline, tower) => `keep ${baseline} for ${tower} until the model is no worse there`,
      ),
  },
  {
    name: "this training is below the baseline",
    severity: "moderate",
    when: "the same for a single training, beyond the noise of rows alone",
    heldBy: "test/core/train/compare.test.ts",
    find: (facts) =>
      belowBaseline(
        facts,
        "behind",
        () => "train with several seeds before you choose (model.ablate): one training says nothing of the model",
      ),
  },
];
