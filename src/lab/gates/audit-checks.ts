/** The checks of an audit: each measures places of a model, and a place at or beyond the check's limit is a finding. */
import { type Finding, type Judge, ranked, type Severity } from "../../core/errors/finding.js";
import { siteName } from "../../core/spec/model.js";
import { count, fixed, percent } from "../../core/util/text.js";
import type { Gap, GateReport } from "./types.js";

const slower = ["lower the learning rate", "clip gradients", "add weight decay"];
const reach = ["look for dead units, a stopped gradient, a weight of 0 or a layer that ignores its input"];
const loaded = ["check the learning rates of parts of the model, and the weights that were loaded"];
const ofDomain = ["train on rows of this domain", "share towers (model.switches({ sharedTowers: true }))"];
const ofIds = ["train on rows of these ids", "add features that new ids also have"];
const units = ["lower the learning rate", "use an activation without a flat side, such as nn.PReLU"];
const weighted = ["set the weights of the tasks (t.weight)", "scale the label"];
const averaged = ["lower emaDecay", "train for more epochs"];
const without = ["train without it (model.keep) and compare: it may know the label, or be learned by heart"];
const oneValue = ["check how the column came into these rows; if they were filtered by it, it is meant"];
const strange = [
  "check the training's labels and joins: were they shuffled?",
  "compare the training with these rows (data.check)",
];
const shifted = [
  "check the ids' vocabulary: is it shifted, or another one?",
  "train for fewer epochs, or a smaller table",
];
const swapped = ["check the order of the domains' names"];
const still = ["train for more epochs", "try a higher learning rate", "switch the module off"];
const saturated = ["lower the learning rate", "add weight decay"];
const varied = ["add features that vary between rows to the gate's group", "make the layer smaller"];
const scaled = ["normalize it, or give it boundaries (docs/features.md)"];

/** Checks of an audit. In an interface, because compiler errors would show the name of a type alias instead of the checks. */
export interface CheckNames {
  readonly any:
    | "not finite"
    | "no gradient"
    | "never trained"
    | "untrained towers"
    | "constant predictions"
    | "large weights"
    | "large inputs"
    | "large logits"
    | "dead units"
    | "untouched rows"
    | "unequal losses"
    | "late averages"
    | "one id decides"
    | "equal rows"
    | "constant column"
    | "other labels"
    | "shifted rows"
    | "unrelated ids"
    | "exchanged towers"
    | "saturated gates"
    | "still gates"
    | "constant gates";
}

/** The name of a check. */
export type AuditCheckName = CheckNames["any"];

type Check = readonly [severity: Severity, limit: number, when: string, advice: readonly string[]];

/** By check: severity, the value from which a place is a finding, its meaning, and what may help. */
const checks: Readonly<Record<AuditCheckName, Check>> = {
  "not finite": ["serious", 1, "a weight or a prediction is NaN or infinite", slower],
  "no gradient": ["serious", 1, "a layer, or all columns of a feature, get a gradient of exactly 0 on all rows", reach],
  "never trained": ["serious", 1, "the weights of a layer or a table equal those before training", loaded],
  "untrained towers": ["serious", 1, "all layers of a domain's tower equal those before training", ofDomain],
  "constant predictions": ["serious", 1, "a domain's logits have a standard deviation of 0.001 or less", reach],
  "large weights": ["moderate", 30, "a layer's weights are 30 times those at the start; a table's value is 30", slower],
  "large inputs": ["moderate", 100, "the numbers of a feature have a root mean square of 100 or more", scaled],
  "large logits": ["moderate", 16.6, "1% of the logits are beyond ±16.6, where float32 rounds 1 − p to 0", slower],
  "dead units": ["moderate", 1, "more of a layer's units are 0 on all rows than chance explains", units],
  "untouched rows": ["moderate", 0.3, "30% of a feature's look-ups meet rows that training never changed", ofIds],
  "unequal losses": ["moderate", 100, "a task's loss, with its weight, is a hundredth of another's", weighted],
  "late averages": ["moderate", 0.1, "10% of the averaged weights are those of the first step", averaged],
  "one id decides": ["moderate", 0.98, "one id decides 98% of the variance of predictions; others vary", without],
  "equal rows": ["serious", 1, "all rows of a table that the data meet are equal, or zero", loaded],
  "constant column": [
    "moderate",
    1,
    "a column has one value, and training changed the table's rows of other values",
    oneValue,
  ],
  "shifted rows": ["serious", 1, "a table's rows come from the start of rows that are 1 to 3 places away", shifted],
  "other labels": [
    "serious",
    1,
    "a regression of the training rows captures less than half of the signal that a regression of half of these rows captures",
    strange,
  ],
  "unrelated ids": [
    "serious",
    1,
    "labels differ by an id field, and its contribution to the logits does not follow them",
    shifted,
  ],
  "exchanged towers": [
    "serious",
    1,
    "towers of two domains come from each other's start, or predict each other's rows better",
    swapped,
  ],
  "saturated gates": ["moderate", 0.9, "90% of a gate's values are below 0.05 γ or (γ > 1) above 0.95 γ", saturated],
  "still gates": ["minor", 0.9, "90% of a gate's values are within 0.02 γ of γ/2", still],
  "constant gates": ["minor", 0.25, "25% of a gate's units do not vary over rows", varied],
};

const heldBy = "test/lab/gates/audit.slow.test.ts";

export const auditJudges: readonly Judge[] = Object.entries(checks).map(([name, [severity, , when]]) => {
  return { name, severity, when, heldBy };
});

/** A place of the model under a check. */
export interface AuditPlace extends Finding {
  readonly judge: AuditCheckName;
  /** The measured value, divided by the check's limit: a fault from 1 on. */
  readonly size: number;
}

/** A check that was made. */
export interface AuditCheck {
  readonly name: AuditCheckName;
  readonly severity: Severity;
  /** What a fault is. */
  readonly when: string;
  /** What may help, best first: alternatives. */
  readonly advice: readonly string[];
  /** The number of measured places, and of those that are faults. */
  readonly places: number;
  readonly findings: number;
  /** The place that is furthest beyond the limit, or nearest to it. */
  readonly nearest: AuditPlace;
}

/** The result of `run.audit()`. */
export interface Audit {
  readonly rows: number;
  readonly checks: readonly AuditCheck[];
  /** The places with a fault, by severity, then by how far they exceed the limit. */
  readonly findings: readonly AuditPlace[];
  /** What was not checked, and why. */
  readonly gaps: readonly Gap[];
}

/** @param value at which a place is a fault */
export function measuredPlace(judge: AuditCheckName, path: string, value: number, message: string): AuditPlace {
  const [severity, limit, , advice] = checks[judge];
  return { judge, severity, path, message, fix: advice.join(", or "), size: value / limit };
}

/** A unit that acts on 5% of the rows acts on none of this many rows in 1 of 170 cases. */
export const fewestRows = 100;

export function fewRows(rows: number): string {
  return `cannot be told with ${count(rows, "row")}: ${fewestRows} would be needed`;
}

export function auditOf(rows: number, facts: readonly (AuditPlace | Gap)[]): Audit {
  const places = ranked(facts.filter((each): each is AuditPlace => "judge" in each));
  return {
    rows,
    checks: (Object.keys(checks) as AuditCheckName[]).flatMap((name): AuditCheck[] => {
      const [severity, , when, advice] = checks[name];
      const of = places.filter(({ judge }) => judge === name);
      const findings = of.filter(isFault).length;
      return of.length === 0 ? [] : [{ name, severity, when, advice, places: of.length, findings, nearest: of[0]! }];
    }),
    findings: places.filter(isFault),
    gaps: facts.filter((each): each is Gap => !("judge" in each)),
  };
}

function isFault({ size }: AuditPlace): boolean {
  return size >= 1;
}

export function gateFacts(gates: readonly GateReport[]): AuditPlace[] {
  return gates.flatMap(({ gamma, units, overall, ...site }) => {
    const { identity, closed, open, deadUnits } = overall;
    const near = `P(|g − γ/2| < 0.02 γ) = ${fixed(identity)} with γ = ${fixed(gamma, 2)}`;
    const ends = `${percent(closed)} of the values are below 0.05 γ and ${percent(open)} above 0.95 γ`;
    const constant = `${percent(deadUnits)} of ${count(units, "unit")} vary less than 0.001 over rows`;
    const facts = [
      measuredPlace("still gates", siteName(site), identity, near),
      measuredPlace("saturated gates", siteName(site), closed + (gamma > 1 ? open : 0), ends),
      measuredPlace("constant gates", siteName(site), deadUnits, constant),
    ];
    return facts.filter(
      ({ judge, size }) => Number.isFinite(size) && !(judge === "constant gates" && isFault(facts[0]!)),
    );
  });
}
