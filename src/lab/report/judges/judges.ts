/** All judges of a training and its results. A new judge is an entry of one of these lists. */
import { type Finding, findingText, ranked } from "../../../core/errors/finding.js";
import { getOrMake } from "../../../core/util/growing.js";
import { clipGradients, higherRate, lowerRate, trainLonger, weightDecay } from "./actions.js";
import { baselineJudges } from "./baseline.js";
import { evaluationJudges } from "./evaluation.js";
import type { Action, RunFacts, RunJudge, RunObservation } from "./facts.js";
import { moduleJudges } from "./modules.js";
import { trainingJudges } from "./training.js";

/** Findings of equal severity and size are in this order. */
export const runJudges: readonly RunJudge[] = [
  ...trainingJudges,
  ...baselineJudges,
  ...evaluationJudges,
  ...moduleJudges,
];

const LISTED = 3;
const ALL_DONE = "the run already does what usually helps: look at the rows and features behind it";
const OPPOSITE = "a finding above asks for the opposite: act on that one first, then look again";

type Judged = RunObservation & Pick<Finding, "judge" | "severity">;

/**
 * All findings of the judges, each with a fix that contradicts none before it and that the run has not applied. A judge
 * with many findings lists the first ones and the number of others.
 */
export function judgedRun(facts: RunFacts): Finding[] {
  const all = [
    ...runJudges.flatMap(({ name, severity, find }) => find(facts).map((each) => ({ severity, ...each, judge: name }))),
    ...auditFindings(facts),
  ];
  const pulled = new Map<string, number>();
  const byJudge = new Map<string | undefined, Judged[]>();
  for (const finding of ranked<Judged>(all)) getOrMake(byJudge, finding.judge, () => []).push(finding);
  return ranked([...byJudge.values()].flatMap(firstOnes)).map(({ actions, ...finding }) => {
    return { ...finding, fix: fixOf(actions, facts, pulled) };
  });
}

/** Findings as notes of trainings and studies; minor ones are only in the list of findings. */
export function findingNotes(findings: readonly Finding[]): string[] {
  return findings.filter(({ severity }) => severity !== "minor").map(findingText);
}

function firstOnes(findings: readonly Judged[]): Judged[] {
  const more = findings.length - LISTED;
  return findings.slice(0, LISTED).map((finding, at) => {
    if (more <= 0 || at < LISTED - 1) return finding;
    return { ...finding, message: `${finding.message}. The same holds for ${more} more` };
  });
}

/** The findings of an audit, whose advice yields to contrary advice like any other. */
function auditFindings({ audit }: RunFacts): Judged[] {
  const shared = [trainLonger, higherRate, lowerRate, weightDecay, clipGradients];
  return (audit?.findings ?? []).map((finding) => {
    const advice = audit!.checks.find(({ name }) => name === finding.judge)?.advice ?? [];
    return { ...finding, actions: advice.map((text) => shared.find((action) => action.text === text) ?? { text }) };
  });
}

function fixOf(actions: readonly Action[], facts: RunFacts, pulled: Map<string, number>): string {
  const open = actions.filter(({ isDone }) => isDone === undefined || !isDone(facts));
  const possible = open.filter(({ pulls }) => pulls === undefined || pulled.get(pulls[0]) !== -pulls[1]);
  for (const { pulls } of possible) if (pulls !== undefined) pulled.set(...pulls);
  if (possible.length === 0) return open.length === 0 ? ALL_DONE : OPPOSITE;
  return possible.map(({ text, code }) => (code === undefined ? text : `${text}: ${code(facts)}`)).join(", or ");
}
