/** Compares runs on the same rows. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { Table } from "../../core/data/table/table.js";
import { DataError, type Problem, SpecError } from "../../core/errors/index.js";
import { isBinary, listDomainNames, type ModelSpec, type TowerSpec } from "../../core/spec/model.js";
import { unknownName } from "../../core/spec/validate/checks.js";
import type { ComparePredictionsOptions, Predictions } from "../../core/train/evaluate.js";
import { listNames } from "../../core/util/names.js";
import { sameNumbers } from "../../core/util/numbers.js";
import { ComparisonResult } from "../counterfactual.js";
import { type Dataset, resolveUsers } from "../data/dataset.js";
import type { ReferenceColumns } from "../names.js";
import { type CompareOptions, type Subject, towerScores } from "./options.js";

export async function compareModels(
  firsts: readonly Subject[],
  seconds: readonly Subject[],
  rows: Dataset,
  heldOut: readonly string[],
  options: CompareOptions = {},
): Promise<ComparisonResult> {
  const { measuredColumns } = await import("../../core/data/encoded/streamed.js");
  const { predict } = await import("../../core/train/evaluate.js");
  const { comparesModels } = await import("../../core/metrics/comparison-verdict.js");
  const [first, second] = [firsts[0]!, seconds[0]!];
  const towers = comparableTowers(first.spec, second.spec, options.tasks);
  const measured: EncodedData[] = [];
  const predictions: (readonly Predictions[])[] = [];
  for (const { spec, engine } of [...firsts, ...seconds]) {
    const encoded = await rows.encode(spec);
    measured.push(await measuredColumns(encoded, new Set()));
    predictions.push(asScores(spec, await engine.use((running) => predict(running, encoded))));
  }
  const [data, others] = [measured[0]!, measured[firsts.length]!];
  for (const each of measured) assertSameRows(towers, data, each);
  const isOfModels = comparesModels({ trainings: [firsts.length, seconds.length] });
  const domains = first.spec.domains ?? second.spec.domains;
  const isShared = (first.spec.domains === null) === (second.spec.domains === null);
  const notes = isShared
    ? heldOut
    : [...heldOut, "only one of the models has domains: rows are grouped by its domains"];
  return compared(
    { ...first.spec, towers: towers.map(asBinary), domains },
    { ...data, domains: first.spec.domains === null ? others.domains : data.domains },
    [predictions[0]!, predictions[firsts.length]!],
    rows,
    {
      ...options,
      names: options.names ?? (isOfModels ? ["this model", "the other"] : ["this run", "the other"]),
      more: [predictions.slice(1, firsts.length), predictions.slice(firsts.length + 1)],
      notes: [...notes, ...(isOfModels ? [] : [trainingsNote])],
    },
  );
}

const trainingsNote =
  "a comparison of two trainings: others of the same models, with other seeds, often differ as much. To compare the models, pass several runs of each (with: [run2, other1, other2]), or use model.ablate";

/** Splits runs by model: `run`'s own join its side. @throws SpecError unless the others are of one other model */
export async function sidesOf<R extends { readonly spec: ModelSpec }>(
  run: R,
  others: readonly R[],
): Promise<readonly [readonly R[], readonly R[]]> {
  const { effectiveSpec } = await import("../../lab/ablation/effective-spec.js");
  const keys = others.map(({ spec }) => JSON.stringify(effectiveSpec(spec)));
  const key = JSON.stringify(effectiveSpec(run.spec));
  const models = new Set(keys.filter((each) => each !== key));
  if (models.size === 1)
    return [[run, ...others.filter((_, at) => keys[at] === key)], others.filter((_, at) => keys[at] !== key)];
  const [message, fix] =
    models.size === 0
      ? ["all of these runs are of this run's model", "pass a single run to compare two trainings of one model"]
      : ["these runs are of more than one other model", "compare with one model at a time"];
  const received = `${others.length} runs of ${models.size} other models`;
  const expected = "runs of one other model, and further ones of this run's own";
  throw new SpecError({ path: "run.compare: with", message, received, expected, fix });
}

/** Compares a model with score columns of the data; scores outside [0, 1] only rank rows. */
export async function compareScores(
  model: Subject,
  columns: ReferenceColumns,
  rows: Dataset,
  options: CompareOptions = {},
): Promise<ComparisonResult> {
  const { measuredColumns } = await import("../../core/data/encoded/streamed.js");
  const { predict } = await import("../../core/train/evaluate.js");
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
      notes: [...notes, scoresNote],
    },
  );
}

const scoresNote =
  "this training against these scores: another training of the model, with another seed, may differ. Several seeds tell: model.ablate";

/** @param spec the towers to compare, as returned by {@link asBinary} */
async function compared(
  spec: ModelSpec,
  data: EncodedData,
  [first, second]: readonly [readonly Predictions[], readonly Predictions[]],
  rows: Dataset,
  options: CompareOptions & ComparePredictionsOptions,
): Promise<ComparisonResult> {
  const { comparePredictions } = await import("../../core/train/evaluate.js");
  const users = await resolveUsers(spec, rows.table, options.user);
  const settings = { ...options, users: users.column, notes: [...(options.notes ?? []), ...users.notes] };
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

/** Each model has encoded the rows separately. @throws DataError if labels or domains differ */
function assertSameRows(towers: readonly TowerSpec[], first: EncodedData, second: EncodedData): void {
  const differing = towers.filter(({ label }) => !sameNumbers(first.labels.get(label), second.labels.get(label)));
  const problems = differing.map(({ name, label }) => ({
    path: `compare: task ${name}`,
    message: "the runs read different labels from the same rows",
    received: `other values of "${label}"`,
    fix: "compare runs whose models read the label in the same way",
  }));
  if (first.domains !== null && second.domains !== null && !sameNumbers(first.domains, second.domains)) {
    problems.push({
      path: "compare: domains",
      message: "the runs assign the same rows to different domains",
      received: "other numbers of domains",
      fix: "compare runs whose models read the domain column in the same way",
    });
  }
  if (problems.length > 0) throw new DataError(problems);
}

/** The common tasks of two models, as in the first. @throws SpecError with every mismatch of tasks and domains */
export function comparableTowers(
  first: ModelSpec,
  second: ModelSpec,
  named: readonly string[] | undefined,
): readonly TowerSpec[] {
  const taskNames = wantedTowers(first, second, named);
  const problems = [
    ...taskNames.flatMap((name) => taskProblems(findTower(first, name), findTower(second, name))),
    ...domainProblems(first, second),
  ];
  if (problems.length > 0) throw new SpecError(problems);
  return taskNames.map((name) => findTower(first, name)!);
}

function namedTowers(spec: ModelSpec, named: readonly string[]): readonly TowerSpec[] {
  const names = spec.towers.map(({ name }) => name);
  const unknown = named.filter((name) => !names.includes(name));
  if (unknown.length === 0) return spec.towers.filter(({ name }) => named.includes(name));
  throw new SpecError(unknown.map((name) => unknownName("compare.tasks", "task", name, names)));
}

function wantedTowers(first: ModelSpec, second: ModelSpec, named: readonly string[] | undefined): readonly string[] {
  if (named !== undefined) {
    for (const spec of [first, second]) namedTowers(spec, named);
    return named;
  }
  const [names, otherNames] = [first.towers.map(({ name }) => name), second.towers.map(({ name }) => name)];
  const common = names.filter((name) => otherNames.includes(name));
  if (common.length === names.length && common.length === otherNames.length) return common;
  throw new SpecError({
    path: "compare: tasks",
    message: "the runs do not have the same tasks",
    received: listNames(otherNames),
    expected: listNames(names),
    fix: common.length > 0 ? `compare the common tasks: { tasks: [${listNames(common)}] }` : undefined,
  });
}

function findTower(spec: ModelSpec, name: string): TowerSpec | undefined {
  return spec.towers.find((tower) => tower.name === name);
}

function taskProblems(first: TowerSpec | undefined, second: TowerSpec | undefined): Problem[] {
  if (first === undefined || second === undefined) return [];
  const differences = (what: string, of: (tower: TowerSpec) => string): Problem[] => {
    const [path, expected, received] = [`compare: task ${first.name}`, of(first), of(second)];
    if (expected === received) return [];
    const message = `the runs' tasks of this name differ in their ${what}`;
    return [{ path, message, received, expected, fix: "compare runs with the same task definition" }];
  };
  return [
    ...differences("label", ({ label }) => label),
    ...differences("kind", taskKind),
    ...differences("space", ({ taskSpace }) =>
      taskSpace?.outWeight === 0 ? `within ${taskSpace.indicatorLabel}` : "all rows",
    ),
  ];
}

function taskKind({ losses, numClass }: TowerSpec): string {
  if (losses.every(({ kind }) => kind === "l2_loss")) return "regression";
  return numClass > 2 ? `${numClass} classes` : "binary";
}

function domainProblems({ domains: first, ...spec }: ModelSpec, other: ModelSpec): Problem[] {
  const { domains: second } = other;
  if (first === null || second === null) return [];
  const describeDomains = (model: ModelSpec): string => {
    const names = listDomainNames(model);
    return `${model.domains?.count} of ${model.domains?.column}: ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`;
  };
  const [firstNames, otherNames] = [describeDomains({ ...spec, domains: first }), describeDomains(other)];
  if (firstNames === otherNames) return [];
  const fix = "compare runs with the same domains, or set the same names: .domains(column, names)";
  return [
    { path: "compare: domains", message: "the runs' domains differ", received: otherNames, expected: firstNames, fix },
  ];
}

async function sameRows(first: Table, second: Table): Promise<boolean | null> {
  const [version, otherVersion] = await Promise.all([first.version(), second.version()]);
  if (!first.sharesSource(second) && (version === null || otherVersion === null)) return null;
  if (!first.sharesSource(second) && version?.key !== otherVersion?.key) return false;
  const [rows, otherRows] = [first.selection, second.selection];
  if (rows === null || otherRows === null) return rows === otherRows || first.rows === second.rows;
  return rows.length === otherRows.length && rows.every((row, place) => row === otherRows[place]);
}

/** Throws a DataError if the runs held out different rows: each may have been trained on the other's. */
export async function heldOutNotes(first: Table | null, second: Table | null): Promise<string[]> {
  const unknown = "it is unknown whether both runs were trained without these rows";
  if (first === null || second === null) return [unknown];
  const isSame = await sameRows(first, second);
  if (isSame === true) return [];
  if (isSame === null) return [unknown];
  throw new DataError({
    path: "run.compare",
    message: "the runs held out different rows: each may have been trained on the other's",
    received: `validation rows of ${first.source} (${first.rows}) and of ${second.source} (${second.rows})`,
    expected: "rows that neither run was trained on",
    fix: 'name the rows: run.compare(await dataset("test.parquet"), { with: other }), or train both with the same { validation }',
  });
}
