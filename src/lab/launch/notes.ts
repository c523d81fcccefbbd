/** Notes on the rows of a launch: which are first, which are measured, and what they lack. */
import { count, grouped, percent } from "../../core/util/text.js";
import { fewestDraws } from "./estimates.js";
import type { LaunchReport } from "./facts.js";

export interface LaunchRowFacts {
  /** The column of times; `null`: a fixed random order. */
  readonly time: string | null;
  /** The seed of that order. */
  readonly seed: number;
  /** Training rows of the domain. */
  readonly firstRows: number;
  /** Whether the measured rows are of other data. */
  readonly isValidation: boolean;
  /** Rows of the domain without a time. */
  readonly untimed: number;
  /** Other domains without rows to start from. */
  readonly absent: readonly string[];
  /** Rows of other domains that are left out, since they are not earlier than the measured ones. */
  readonly later: number;
  readonly batchSize: number;
  /** Of the user with the most measured rows; `null`: not known. */
  readonly largestShare: number | null;
  readonly planned: { readonly sizes: number; readonly draws: number };
}

/** A user with more of the rows than this dominates the measurement. */
const heavyShare = 0.1;
/** Fewer steps hardly move weights. */
const fewSteps = 10;

export function launchNotes(report: LaunchReport, facts: LaunchRowFacts): string[] {
  const { domain, measuredRows, baseRows, user, cells, draws, sizes } = report;
  const { time, isValidation, largestShare, planned } = facts;
  const first = count(facts.firstRows, "row");
  const measured = `${grouped(measuredRows)} ${isValidation ? "validation rows" : "later rows"}`;
  const oneClass = report.tasks.filter(({ tower }) =>
    cells.some(({ task, note }) => task.tower === tower && note === "one class"),
  );
  const short = sizes.filter((size) => size > 0 && Math.ceil(size / facts.batchSize) < fewSteps);
  return [
    time === null
      ? `no column has the role time, so the ${first} of ${domain} are in a fixed random order (seed ${facts.seed}); its ${isValidation ? measured : `other ${count(measuredRows, "row")}`} are measured`
      : `the first ${first} of ${domain} by ${time} train, and its ${measured} are measured`,
    `the starts were trained on ${count(baseRows, "row")} of the other domains${time === null || facts.later === 0 ? "" : `; ${count(facts.later, "later row")} left out, since the measured ones are not later`}`,
    ...(facts.untimed === 0 ? [] : [`${count(facts.untimed, "row")} of ${domain} without a time left out`]),
    ...(facts.absent.length === 0 ? [] : [`no rows to start from: ${facts.absent.join(", ")}`]),
    ...oneClass.map(({ tower }) => `${tower}: the measured rows are of one class, so there is no AUC`),
    ...(short.length === 0
      ? []
      : [
          `a training on ${grouped(short.at(-1)!)} rows has ${count(Math.ceil(short.at(-1)! / facts.batchSize), "step")} of ${grouped(facts.batchSize)} rows: a smaller batchSize or more epochs make more`,
        ]),
    ...(user === null
      ? ["intervals take rows as independent: no column has the role user, so users who return make them too narrow"]
      : []),
    ...(largestShare !== null && largestShare > heavyShare
      ? [`one user has ${percent(largestShare)} of the measured rows, so intervals are wide`]
      : []),
    ...(draws < fewestDraws
      ? [
          `${count(draws, "draw")} of other users: how much trainings differ is not known, so there are no intervals and no verdicts`,
        ]
      : []),
    ...(report.interrupted
      ? [
          `interrupted: ${sizes.length} of ${count(planned.sizes, "size")} and ${draws} of ${count(planned.draws, "draw")} were trained`,
        ]
      : []),
  ];
}
