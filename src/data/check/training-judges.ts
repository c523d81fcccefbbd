/** Judges that compare rows with the training rows: drift, the rates of labels, and rows that training has seen past. */
import type { Observation } from "../../errors/finding.js";
import { fixed, percent } from "../../util/text.js";
import { leakObservations } from "../summary/label-counts.js";
import { type ClassCounts, overallCounts } from "./class-counts.js";
import type { DataFacts, DataJudge } from "./facts.js";

/** Drift of at least this population stability index is called large. */
const LARGE = 0.25;
const likeTraining = "rows like those that the model learns from";

function drifted({ drift, place }: DataFacts): Observation[] {
  const independent = drift?.user == null ? "rows taken as independent" : `whole users by ${drift.user}`;
  return (drift?.columns ?? [])
    .filter(({ psi, isBeyondNoise }) => isBeyondNoise && psi! >= LARGE)
    .map(({ name, psi, psiFloor }) => ({
      path: place(name),
      column: name,
      message: `differs from the training rows: its population stability index is ${fixed(psi, 2)}, and two random samples of these sizes (${independent}) stay below ${fixed(psiFloor)}`,
      expected: likeTraining,
      fix: 'look at it: (await test.describe({ model, training: train })).chart("drift")',
    }));
}

/** Rates that are this number of standard errors apart differ by more than chance. */
const FAR = 5;
const DIFFERENT = 0.25;

/** With fewer rows, rates are not compared. */
const FEW_ROWS = 100;

interface LabelRate {
  readonly rows: number;
  readonly positives: number;
}

/** Whether the rates differ by more than chance, and by more than a quarter. */
function ratesDiffer(first: LabelRate, second: LabelRate): boolean {
  const rows = first.rows + second.rows;
  if (Math.min(first.rows, second.rows) < FEW_ROWS) return false;
  const pooled = (first.positives + second.positives) / rows;
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / first.rows + 1 / second.rows));
  const [a, b] = [first.positives / first.rows, second.positives / second.rows];
  return Math.abs(a - b) > Math.max(FAR * error, DIFFERENT * Math.min(a, b));
}

function overall(counts: ClassCounts): LabelRate {
  const { rows, positives } = overallCounts(counts);
  return { rows: rows[0]!, positives: positives[0]! };
}

function otherRates({ labels = [], trained = [], place }: DataFacts): Observation[] {
  return labels.flatMap((counts): Observation[] => {
    const { label } = counts.tower;
    const before = trained.find(({ tower }) => tower.label === label);
    const rates = before && ([overall(counts), overall(before)] as const);
    if (rates === undefined || !ratesDiffer(...rates)) return [];
    const [now, earlier] = rates.map(({ positives, rows }) => percent(positives / rows));
    const message = `label "${label}" is positive in ${now} of the rows, and in ${earlier} of the training rows (rows taken as independent)`;
    const fix = "if time passed between them, calibrate on recent rows; else split the data at random";
    return [{ path: place(label), column: label, message, expected: likeTraining, fix }];
  });
}

export const trainingJudges: readonly DataJudge[] = [
  {
    name: "other rates",
    severity: "moderate",
    when: `the rate of a label differs from that of the training rows by ${FAR} errors and by ${percent(DIFFERENT)}`,
    heldBy: "test/data/check.test.ts",
    find: otherRates,
  },
  {
    name: "drift",
    severity: "moderate",
    when: `the population stability index of a column against the training rows is ${LARGE} or more, and beyond noise`,
    heldBy: "test/data/drift-users.test.ts",
    find: drifted,
  },
  {
    name: "labels from the future",
    severity: "serious",
    when: "rows are older than a training row of the same user",
    heldBy: "test/data/split.test.ts",
    find: ({ leaks, place }) => (leaks === undefined ? [] : leakObservations(leaks, place)),
  },
];
