/** All rules of the report, and the suggestions that follow from them in their order. */
import type { Severity } from "../errors/finding.js";
import type { TaskEffect } from "../gates/effects.js";
import type { ComparedCell, Verdict } from "../metrics/comparison-verdict.js";
import { excludesZero } from "../metrics/intervals/bootstrap.js";
import { aucStandardError, criticalZ } from "../metrics/intervals/normal.js";
import { fallsFromBest, leastMove, risesAtEnd } from "../metrics/learning-curves.js";
import { count, fixed, grouped, signed } from "../util/text.js";
import { changeText, changeVerdict, mainChange } from "../views/gates/counterfactuals.js";
import { LOSS_ERRORS, lossEnds } from "../views/history.js";
import { namesByDomain } from "../views/view.js";
import {
  clipGradients,
  dropout,
  earlyStopping,
  evaluationRules,
  type Finding,
  finding,
  findings,
  higherRate,
  lowerRate,
  moreRows,
  OVERFIT,
  type Rule,
  type Suggestion,
  smallerEmbeddings,
  trainLonger,
  trainShorter,
  trainWithout,
  weightDecay,
} from "./evaluation-rules.js";
import type { ReportFacts } from "./summary.js";

const LISTED = 3;

const ORDER: readonly Severity[] = ["serious", "moderate", "minor"];

const ALL_DONE = "The run already does what usually helps: look at the rows and features behind it";
const OPPOSITE = "A finding above asks for the opposite: act on that one first, then look again";

/** The rules' findings, by severity, then by size. A rule with many lists the first ones and the number of others. */
export function suggestions(facts: ReportFacts): Suggestion[] {
  const pulled = new Map<string, number>();
  const all = [...rules, ...auditRules(facts)].flatMap(({ name, severity, find }) => {
    const findings = [...find(facts)].sort((a, b) => sizeOf(b) - sizeOf(a));
    const more = findings.length - LISTED;
    return findings.slice(0, LISTED).map((each, index) => {
      const rest = more > 0 && index === LISTED - 1 ? ` The same holds for ${more} more.` : "";
      return { name, severity, finding: each, rest };
    });
  });
  return ORDER.flatMap((each) =>
    all
      .filter(({ severity }) => severity === each)
      .sort((a, b) => sizeOf(b.finding) - sizeOf(a.finding))
      .map(({ name, severity, finding, rest }) => {
        return { rule: name, severity, seen: finding.seen + rest, next: nextText(finding, facts, pulled) };
      }),
  );
}

/** A rule per check of the audit, whose advice yields to contrary advice like any other. */
function auditRules({ audit }: ReportFacts): Rule[] {
  const shared = [trainLonger, higherRate, lowerRate, weightDecay, clipGradients];
  return (audit?.checks ?? []).map(({ name, severity, when }) => ({
    name,
    severity,
    when,
    find: () =>
      findings(audit!.findings, ({ check, place, evidence, advice }) => {
        const actions = advice.map((text) => shared.find((action) => action.text === text) ?? text);
        return check === name ? finding(`${place}: ${evidence}`, ...actions) : null;
      }),
  }));
}

function sizeOf({ size = 0 }: Finding): number {
  return size;
}

function nextText({ actions }: Finding, facts: ReportFacts, pulled: Map<string, number>): string {
  const open = actions.filter(({ isDone }) => isDone === undefined || !isDone(facts));
  const possible = open.filter(({ pulls }) => pulls === undefined || pulled.get(pulls[0]) !== -pulls[1]);
  for (const { pulls } of possible) if (pulls !== undefined) pulled.set(...pulls);
  if (possible.length === 0) return `${open.length === 0 ? ALL_DONE : OPPOSITE}.`;
  const text = possible.map((action) => action.text).join(", or ");
  return `${text.startsWith("fit(") || text.startsWith("model.") ? text : text[0]!.toUpperCase() + text.slice(1)}.`;
}

/** AUCs of a task over all rows and in domains with this verdict. */
function belowBaseline(
  { comparison }: ReportFacts,
  verdict: Verdict,
  next: (baseline: string, tower: string) => string,
) {
  if (comparison === null) return [];
  const names = namesByDomain(comparison.domainNames, comparison.tasks);
  const below = ({ metrics: { auc } }: ComparedCell, place: string): string[] => {
    if (auc?.verdict !== verdict) return [];
    const ends = `${signed(auc.low)} to ${signed(auc.high)}`;
    return [`${place} ${fixed(auc.first)} against ${fixed(auc.second)} (${signed(auc.value)}, ${ends})`];
  };
  return findings(comparison.tasks, (task) => {
    const domains = task.domains.flatMap((cell, d) => below(cell, `in ${names[d]}`));
    const cells = [...below(task.overall, "over all rows"), ...domains];
    if (cells.length === 0) return null;
    const [, baseline] = comparison.names;
    const whose = verdict === "behind" ? " in this training" : "";
    const fact = `${task.tower}: AUC is below that of ${baseline}${whose}: ${cells.join("; ")}.`;
    const lost = [task.overall, ...task.domains].map(({ metrics: { auc } }) =>
      auc?.verdict === verdict ? auc.value! : 0,
    );
    return { ...finding(fact, next(baseline, task.tower)), size: -Math.min(...lost) };
  });
}

const baselineRules: readonly Rule[] = [
  {
    name: "worse than the baseline",
    severity: "serious",
    when: "AUC over all rows or in a domain is below the baseline's beyond noise of rows and trainings, corrected for the number of cells",
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
    when: "the same of one training, beyond the noise of rows alone",
    find: (facts) =>
      belowBaseline(
        facts,
        "behind",
        () => "train with several seeds before you choose (model.ablate): one training says nothing of the model",
      ),
  },
];

const modules = [
  { name: "EPNet off", without: "model.switches({ epnet: false })", settings: ["switches.epnet", "epnet"] },
  { name: "PPNet off", without: "a model without .ppnet()", settings: ["switches.ppnet", "ppnet"] },
];

const gateRules: readonly Rule[] = [
  {
    name: "module without effect",
    severity: "minor",
    when: "with EPNet or PPNet off, no task's AUC within domains changes beyond noise",
    find: (facts) =>
      findings(modules, ({ name, without, settings }) => {
        const tasks = withinNoise(facts, name);
        const rows = count(facts.counterfactuals?.rows ?? 0, "row");
        const fact = `${name} changes nothing beyond noise: ΔAUC ${tasks} on ${rows}.${movedBetween(facts, name)}`;
        return tasks === null ? null : finding(fact, trainWithout(without, ...settings));
      }),
  },
  {
    name: "module that hurts",
    severity: "moderate",
    when: "with EPNet or PPNet off, a task's AUC within domains is better beyond noise, after the correction for all changes",
    find: (facts) =>
      findings(modules, ({ name, without, settings }) => {
        const better = taskEffects(facts, name).flatMap((task) => {
          const change = mainChange(task);
          return changeVerdict(change) === "better" ? [`${task.tower} ${changeText(change)}`] : [];
        });
        if (better.length === 0) return null;
        const fact = `In this training, AUC is higher with ${name}: ${better.join(", ")}.`;
        const gains = taskEffects(facts, name).map((task) => mainChange(task).value ?? 0);
        return { ...finding(fact, trainWithout(without, ...settings)), size: Math.max(...gains) };
      }),
  },
  {
    name: "domains without effect",
    severity: "minor",
    when: "with another domain for every row, no task's AUC within domains changes beyond noise",
    find: (facts) => {
      const tasks = withinNoise(facts, "another domain");
      if (tasks === null) return [];
      const text = "try fewer domains, or another column as the domain: these may not differ";
      const fact = `Another domain for every row, with its towers, changes nothing beyond noise: ΔAUC ${tasks}.${movedBetween(facts, "another domain")}`;
      return [finding(fact, { text, pulls: ["domains", -1] })];
    },
  },
];

/** Every task's change within domains as text, if all are known and cover 0; else `null`. */
function withinNoise(facts: ReportFacts, name: string): string | null {
  if (facts.counterfactuals?.effects.some((effect) => effect.name === name && effect.nested !== null)) return null;
  const changes = taskEffects(facts, name).map((task) => ({ tower: task.tower, auc: mainChange(task) }));
  if (changes.length === 0 || !changes.every(({ auc }) => auc.low !== null && !excludesZero(auc))) return null;
  return changes.map(({ tower, auc }) => `${tower} ${changeText(auc)}`).join(", ");
}

/** A sentence, after a space, on changes between domains beyond noise; empty without such changes. */
function movedBetween(facts: ReportFacts, name: string): string {
  const changes = taskEffects(facts, name).flatMap(({ tower, parts }) =>
    parts !== null && excludesZero(parts.between) ? [`${tower} ${changeText(parts.between)}`] : [],
  );
  if (changes.length === 0) return "";
  return ` Between domains AUC changes (${changes.join(", ")}): whole domains are scored higher or lower than before.`;
}

function taskEffects({ counterfactuals }: ReportFacts, name: string): readonly TaskEffect[] {
  return counterfactuals?.effects.find((effect) => effect.name === name)?.tasks ?? [];
}

const trainingRules: readonly Rule[] = [
  {
    name: "interrupted",
    severity: "serious",
    when: "training was interrupted",
    find: ({ interrupted, history }) => {
      const fact = `Training was interrupted at step ${grouped(history.points.at(-1)?.step ?? 0)}.`;
      const next = "train to the end before comparing this run with others";
      return interrupted ? [{ ...finding(fact, next), size: Number.POSITIVE_INFINITY }] : [];
    },
  },
  {
    name: "loss grew",
    severity: "serious",
    when: "the mean loss of the last steps is above that of the first by more than the noise of steps, or not finite",
    find: ({ history: { points } }) => {
      const ends = lossEnds(points);
      if (ends === null || points.length < 2) return [];
      const { first, last, noise } = ends;
      if (Number.isFinite(last.loss) && last.loss <= first.loss + LOSS_ERRORS * noise) return [];
      const before = `${fixed(first.loss)} (mean of the first ${count(first.steps, "step")})`;
      const after = `${fixed(last.loss)} (mean of the last ${count(last.steps, "step")})`;
      const fact = `The loss went from ${before} to ${after}.`;
      return [{ ...finding(fact, lowerRate, clipGradients), size: Number.POSITIVE_INFINITY }];
    },
  },
  {
    name: "overfitting",
    severity: "moderate",
    when: `AUC on training rows is above that on evaluation rows by more than ${OVERFIT}, and by more than noise, corrected for the number of tasks`,
    find: ({ training, evaluation }) =>
      findings(training?.tasks, ({ tower, overall }) => {
        const held = evaluation?.tasks.find((task) => task.tower === tower)?.overall;
        const evaluated = held?.auc ?? null;
        if (overall.auc === null || held === undefined || evaluated === null) return null;
        const noise = Math.hypot(aucStandardError(overall), aucStandardError(held));
        const limit = Math.max(OVERFIT, criticalZ(1 - 0.1 / training!.tasks.length) * noise);
        if (!(overall.auc - evaluated > limit)) return null;
        const fact = `${tower}: AUC ${fixed(overall.auc)} on training rows, ${fixed(evaluated)} on evaluation rows (difference ${fixed(overall.auc - evaluated)}).`;
        const actions = [dropout, weightDecay, smallerEmbeddings, moreRows, earlyStopping];
        return { ...finding(fact, ...actions), size: overall.auc - evaluated };
      }),
  },
  {
    name: "best was earlier",
    severity: "moderate",
    when: `AUC fell by more than ${leastMove}, and more than noise, after its best evaluation, of three or more`,
    find: ({ history }) =>
      findings(fallsFromBest(history), ({ tower, from, to }) => {
        const fact = `${tower}: AUC was best at step ${grouped(from.step)} (${fixed(from.auc)}) and ${fixed(to.auc)} at the last evaluation, step ${grouped(to.step)}.`;
        return { ...finding(fact, trainShorter, earlyStopping), size: from.auc - to.auc };
      }),
  },
  {
    name: "still rising",
    severity: "minor",
    when: `the last evaluation gained more than ${leastMove} of AUC, and more than noise`,
    find: ({ history }) =>
      findings(risesAtEnd(history), ({ tower, from, to }) => {
        const fact = `${tower}: AUC still rose by ${fixed(to.auc - from.auc)} from step ${grouped(from.step)} to the last evaluation, step ${grouped(to.step)}.`;
        return { ...finding(fact, trainLonger, higherRate), size: to.auc - from.auc };
      }),
  },
];

/** All rules; findings of equal severity and size are listed in this order. */
export const rules: readonly Rule[] = [...trainingRules, ...baselineRules, ...evaluationRules, ...gateRules];
