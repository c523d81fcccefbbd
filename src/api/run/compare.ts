/** A run against another, or against scores from elsewhere, on the same rows. */
import type { EncodedData } from "../../data/index.js";
import type { Engine } from "../../engine/engine.js";
import { DataError, SpecError } from "../../errors/index.js";
import type { ModelSpec, TowerSpec } from "../../spec/index.js";
import type { ComparePredictionsOptions, IntervalOptions, Predictions } from "../../train/index.js";
import type { Dataset } from "../data/dataset.js";
import { ComparisonResult } from "../results/comparison.js";
import { comparableTowers, namedTowers } from "./comparable.js";
import { userColumn, userNotes } from "./evaluation-options.js";
import { type ReferenceColumns, towerScores } from "./score-columns.js";

/** How runs are compared. */
export interface CompareOptions extends IntervalOptions {
  /** The tasks to compare. Default: all, which both must have. */
  readonly tasks?: readonly string[];
  /** Column that says whose row each is: see `EvaluationOptions`. */
  readonly user?: string | null;
  /** What the models are called. Default: `this run` and `the other`. */
  readonly names?: readonly [string, string];
}

/** A model that can predict. */
export interface ComparedModel {
  readonly spec: ModelSpec;
  readonly engine: Engine;
}

/** Compares two models that read the rows each by its own features. */
export async function compareModels(
  first: ComparedModel,
  second: ComparedModel,
  rows: Dataset,
  heldOut: readonly string[],
  options: CompareOptions = {},
): Promise<ComparisonResult> {
  const { measuredColumns } = await import("../../data/index.js");
  const { predict } = await import("../../train/index.js");
  const towers = comparableTowers(first.spec, second.spec, options.tasks);
  const measured: EncodedData[] = [];
  const predictions: (readonly Predictions[])[] = [];
  for (const { spec, engine } of [first, second]) {
    const encoded = await rows.encode(spec);
    measured.push(await measuredColumns(encoded, new Set()));
    predictions.push(asScores(spec, await predict(engine, encoded)));
  }
  const [own, others] = measured as [EncodedData, EncodedData];
  assertSameRows(towers, own, others);
  const byOther = first.spec.domains === null && second.spec.domains !== null;
  const notes = [
    ...heldOut,
    ...((first.spec.domains === null) === (second.spec.domains === null)
      ? []
      : [`only one of the models has domains: rows are told apart by its`]),
  ];
  return compared(
    { ...first.spec, towers: towers.map(asBinary), ...(byOther ? { domains: second.spec.domains } : {}) },
    byOther ? { ...own, domains: others.domains } : own,
    predictions as [readonly Predictions[], readonly Predictions[]],
    rows,
    { ...options, names: options.names ?? ["this run", "the other"], notes },
  );
}

/** Compares a model with scores that the rows bring along; those outside [0, 1] only rank rows. */
export async function compareScores(
  model: ComparedModel,
  columns: ReferenceColumns,
  rows: Dataset,
  options: CompareOptions = {},
): Promise<ComparisonResult> {
  const { measuredColumns } = await import("../../data/index.js");
  const { isBinary, predict } = await import("../../train/index.js");
  const scores = await towerScores(model.spec, rows.table, columns);
  const towers = namedTowers(model.spec, options.tasks ?? Object.keys(columns));
  const classes = towers.filter((tower) => tower.numClass > 2);
  if (classes.length > 0 || towers.length === 0) {
    throw new SpecError({
      path: "run.compare",
      message: "a column holds one score a row: it can be compared with binary tasks and values",
      received: classes.length > 0 ? `${classes[0]?.name}, of ${classes[0]?.numClass} classes` : "no task",
      expected: 'columns by task, such as { ctr: "p_clk" }',
    });
  }
  const encoded = await rows.encode(model.spec);
  const ranked = scores.filter(
    ({ tower, values }) => isBinary(tower) && values.some((value) => value < 0 || value > 1),
  );
  const notes = ranked.map(
    ({ tower }) => `${columns[tower.name]} has values outside [0, 1]: ${tower.name} is compared by AUC alone`,
  );
  return compared(
    { ...model.spec, towers: towers.map(asBinary) },
    await measuredColumns(encoded, new Set()),
    [
      asScores(model.spec, await predict(model.engine, encoded)),
      scores.map(({ tower, values }) => ({ tower: tower.name, probabilities: values, logits: values })),
    ],
    rows,
    {
      ...options,
      names: options.names ?? ["this run", `columns ${Object.values(columns).join(", ")}`],
      ranksOnly: ranked.map(({ tower }) => tower.name),
      notes,
    },
  );
}

/** @param spec the towers to compare, as {@link asBinary} makes them */
async function compared(
  spec: ModelSpec,
  data: EncodedData,
  [first, second]: readonly [readonly Predictions[], readonly Predictions[]],
  rows: Dataset,
  options: CompareOptions & ComparePredictionsOptions,
): Promise<ComparisonResult> {
  const { comparePredictions } = await import("../../train/index.js");
  const users = await userColumn({ ...spec }, rows.table, options.user);
  const notes = [...(options.notes ?? []), ...userNotes(users)];
  return new ComparisonResult(await comparePredictions(spec, data, first, second, { ...options, users, notes }));
}

/** Two logits or one: both are one probability of the positive class. */
function asBinary(tower: TowerSpec): TowerSpec {
  return tower.numClass === 2 ? { ...tower, numClass: 1 } : tower;
}

function asScores(spec: ModelSpec, predictions: readonly Predictions[]): Predictions[] {
  return predictions.map((own) => {
    if (spec.towers.find(({ name }) => name === own.tower)?.numClass !== 2) return own;
    const second = (_: number, at: number): boolean => at % 2 === 1;
    return { tower: own.tower, probabilities: own.probabilities.filter(second), logits: own.logits.filter(second) };
  });
}

/** Each model encodes the rows by its own settings. @throws DataError where labels or domains come out differently */
function assertSameRows(towers: readonly TowerSpec[], first: EncodedData, second: EncodedData): void {
  const differing = towers.filter(({ label }) => !isEqual(first.labels.get(label), second.labels.get(label)));
  const problems = differing.map(({ name, label }) => ({
    path: `compare: task ${name}`,
    message: "the runs read the label differently from the same rows",
    received: `other values of "${label}"`,
    fix: "compare runs whose models treat the label alike",
  }));
  const bothHaveDomains = first.domains !== null && second.domains !== null;
  if (bothHaveDomains && !isEqual(first.domains ?? undefined, second.domains ?? undefined)) {
    problems.push({
      path: "compare: domains",
      message: "the runs give the same rows to different domains",
      received: "other numbers of domains",
      fix: "compare runs whose models read the domain's column alike",
    });
  }
  if (problems.length > 0) throw new DataError(problems);
}

function isEqual(first: ArrayLike<number> | undefined, second: ArrayLike<number> | undefined): boolean {
  if (first === undefined || second === undefined || first.length !== second.length) return false;
  for (let row = 0; row < first.length; row++) if (!Object.is(first[row], second[row])) return false;
  return true;
}
