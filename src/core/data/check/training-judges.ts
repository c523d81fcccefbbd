/** Judges that compare rows with the training rows: drift, the rates of labels, and rows that training has seen past. */
import type { Observation } from "../../errors/finding.js";
import { sum } from "../../util/numbers.js";
import { fixed, percent } from "../../util/text.js";
import { leakObservations } from "../summary/label-counts.js";
import type { ClassCounts } from "./class-counts.js";
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

/** The rates of both samples, if they differ by more than chance, and by more than a quarter. */
function differentRates(...both: readonly [ClassCounts, ClassCounts]): readonly number[] | null {
  const [rows, positives] = [both.map((each) => each.rows.at(-1)!), both.map((each) => each.positives.at(-1)!)];
  if (Math.min(...rows) < FEW_ROWS) return null;
  const pooled = sum(positives) / sum(rows);
  const error = Math.sqrt(pooled * (1 - pooled) * sum(rows.map((count) => 1 / count)));
  const rates = positives.map((count, at) => count / rows[at]!);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return high - low > Math.max(FAR * error, DIFFERENT * low) ? rates : null;
}

function otherRates({ labels = [], trained = [], place }: DataFacts): Observation[] {
  return labels.flatMap((counts): Observation[] => {
    const { label } = counts.tower;
    const before = trained.find(({ tower }) => tower.label === label);
    const rates = before && differentRates(counts, before);
    if (!rates) return [];
    const [now, earlier] = rates.map((rate) => percent(rate));
    const message = `label "${label}" is positive in ${now} of the rows, and in ${earlier} of the training rows (rows taken as independent)`;
    const fix = "if time passed between them, calibrate on recent rows; else split the data at random";
    return [{ path: place(label), column: label, message, expected: likeTraining, fix }];
  });
}

function looksAhead({ ahead = [], place }: DataFacts): Observation[] {
  return ahead.map(({ column, why, by, label }) => ({
    path: place(column),
    column,
    message: `looks ahead: ${why}`,
    expected: "what is known before the row",
    fix: `compute it from earlier rows alone: data.priors([${JSON.stringify(label)}], { by: [${by}], delay: "1h" }) with your delay`,
  }));
}

export const trainingJudges: readonly DataJudge[] = [
  {
    name: "other rates",
    severity: "moderate",
    when: `the rate of a label differs from that of the training rows by ${FAR} errors and by ${percent(DIFFERENT)}`,
    heldBy: "test/core/data/check.test.ts",
    find: otherRates,
  },
  {
    name: "drift",
    severity: "moderate",
    when: `the population stability index of a column against the training rows is ${LARGE} or more, and beyond noise`,
    heldBy: "test/core/data/drift-users.test.ts",
    find: drifted,
  },
  {
    name: "labels from the future",
    severity: "serious",
    when: "rows are older than a training row of the same user",
    heldBy: "test/core/data/split.test.ts",
    find: ({ leaks, place }) => (leaks === undefined ? [] : leakObservations(leaks, place)),
  },
  {
    name: "looks ahead",
    severity: "serious",
    when: "a number that a feature reads is a count or rate of a user or item that includes the row itself or later ones, or ranks the label only in the training rows",
    heldBy: "test/core/data/look-ahead.slow.test.ts",
    find: looksAhead,
  },
];
