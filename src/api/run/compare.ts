/** Compares a run with another run, or with external scores, on the same rows. */
import type { EncodedData } from "../../data/index.js";
import { DataError, SpecError } from "../../errors/index.js";
import { isBinary, type ModelSpec, type TowerSpec } from "../../spec/index.js";
import type { ComparePredictionsOptions, Predictions } from "../../train/index.js";
import { type Dataset, resolveUsers } from "../data/index.js";
import { ComparisonResult } from "../results/index.js";
import { comparableTowers, namedTowers } from "./comparable.js";
import type { CompareOptions } from "./options.js";
import { type ReferenceColumns, towerScores } from "./score-columns.js";
import type { Subject } from "./subject.js";

/** Compares two models, each of which encodes the rows with its features. */
export async function compareModels(
  first: Subject,
  second: Subject,
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
    predictions.push(asScores(spec, await engine.use((running) => predict(running, encoded))));
  }
  const [data, others] = measured as [EncodedData, EncodedData];
  assertSameRows(towers, data, others);
  const domains = first.spec.domains ?? second.spec.domains;
  const isShared = (first.spec.domains === null) === (second.spec.domains === null);
  const notes = isShared
    ? heldOut
    : [...heldOut, "only one of the models has domains: rows are grouped by its domains"];
  return compared(
    { ...first.spec, towers: towers.map(asBinary), domains },
    { ...data, domains: first.spec.domains === null ? others.domains : data.domains },
    predictions as [readonly Predictions[], readonly Predictions[]],
    rows,
    { ...options, names: options.names ?? ["this run", "the other"], notes },
  );
}

/** Compares a model with score columns of the data; scores outside [0, 1] only rank rows. */
export async function compareScores(
  model: Subject,
  columns: ReferenceColumns,
  rows: Dataset,
  options: CompareOptions = {},
): Promise<ComparisonResult> {
  const { measuredColumns } = await import("../../data/index.js");
  const { predict } = await import("../../train/index.js");
  const scores = await towerScores(model.spec, rows.table, columns);
  const towers = namedTowers(model.spec, options.tasks ?? Object.keys(columns));
  const classes = towers.filter((tower) => tower.numClass > 2);
  if (classes.length > 0 || towers.length === 0) {
    throw new SpecError({
      path: "run.compare",
      message: "a column has one score per row: compare it with a binary or a regression task",
      received: classes.length > 0 ? `${classes[0]?.name}, of ${classes[0]?.numClass} classes` : "no task",
      expected: 'columns by task, such as { ctr: "p_clk" }',
    });
  }
  const encoded = await rows.encode(model.spec);
  const ranked = scores.filter(
    ({ tower, values }) => isBinary(tower) && values.some((value) => value < 0 || value > 1),
  );
  const notes = ranked.map(
    ({ tower }) => `${columns[tower.name]} has values outside [0, 1]: ${tower.name} is compared by AUC only`,
  );
  return compared(
    { ...model.spec, towers: towers.map(asBinary) },
    await measuredColumns(encoded, new Set()),
    [
      asScores(model.spec, await model.engine.use((running) => predict(running, encoded))),
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

/** @param spec the towers to compare, as returned by {@link asBinary} */
async function compared(
  spec: ModelSpec,
  data: EncodedData,
  [first, second]: readonly [readonly Predictions[], readonly Predictions[]],
  rows: Dataset,
  options: CompareOptions & ComparePredictionsOptions,
): Promise<ComparisonResult> {
  const { comparePredictions } = await import("../../train/index.js");
  const users = await resolveUsers(spec, rows.table, options.user);
  const notes = [...(options.notes ?? []), ...users.notes];
  const settings = { ...options, users: users.column, notes };
  return new ComparisonResult(await comparePredictions(spec, data, first, second, settings));
}

/** Treats a task with two logits like one with a single logit: both give one probability of the positive class. */
function asBinary(tower: TowerSpec): TowerSpec {
  return tower.numClass === 2 ? { ...tower, numClass: 1 } : tower;
}

function asScores(spec: ModelSpec, predictions: readonly Predictions[]): Predictions[] {
  const isSecond = (_: number, at: number): boolean => at % 2 === 1;
  return predictions.map((each) => {
    if (spec.towers.find(({ name }) => name === each.tower)?.numClass !== 2) return each;
    const { tower, probabilities, logits } = each;
    return { tower, probabilities: probabilities.filter(isSecond), logits: logits.filter(isSecond) };
  });
}

/** Each model encoded the rows by itself. @throws DataError if labels or domains differ */
function assertSameRows(towers: readonly TowerSpec[], first: EncodedData, second: EncodedData): void {
  const differing = towers.filter(({ label }) => !isEqual(first.labels.get(label), second.labels.get(label)));
  const problems = differing.map(({ name, label }) => ({
    path: `compare: task ${name}`,
    message: "the runs read different labels from the same rows",
    received: `other values of "${label}"`,
    fix: "compare runs whose models read the label in the same way",
  }));
  const bothHaveDomains = first.domains !== null && second.domains !== null;
  if (bothHaveDomains && !isEqual(first.domains ?? undefined, second.domains ?? undefined)) {
    problems.push({
      path: "compare: domains",
      message: "the runs assign the same rows to different domains",
      received: "other numbers of domains",
      fix: "compare runs whose models read the domain column in the same way",
    });
  }
  if (problems.length > 0) throw new DataError(problems);
}

function isEqual(first: ArrayLike<number> | undefined, second: ArrayLike<number> | undefined): boolean {
  if (first === undefined || second === undefined || first.length !== second.length) return false;
  for (let row = 0; row < first.length; row++) if (!Object.is(first[row], second[row])) return false;
  return true;
}
