/** Checks whether two models can be compared (same tasks, labels and domains), and on which rows. */
import type { Table } from "../../data/index.js";
import { DataError, type Problem, SpecError } from "../../errors/index.js";
import { domainName, type ModelSpec, type TowerSpec } from "../../spec/index.js";
import { didYouMean } from "../../util/text/near.js";

/**
 * The common tasks of two models, as in the first. Throws a SpecError that lists every mismatch: tasks (unless `named`
 * selects them), their labels, kinds and spaces, and domains if both have some.
 */
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

/** Throws a SpecError for names that a model does not have. */
export function namedTowers(spec: ModelSpec, named: readonly string[]): readonly TowerSpec[] {
  const names = spec.towers.map(({ name }) => name);
  const unknown = named.filter((name) => !names.includes(name));
  if (unknown.length === 0) return spec.towers.filter(({ name }) => named.includes(name));
  throw new SpecError(
    unknown.map((name) => ({
      path: "compare.tasks",
      message: "unknown task",
      received: JSON.stringify(name),
      expected: `one or more of ${listed(names)}`,
      fix: didYouMean(name, names),
    })),
  );
}

function wantedTowers(first: ModelSpec, second: ModelSpec, named: readonly string[] | undefined): readonly string[] {
  if (named !== undefined) {
    for (const spec of [first, second]) namedTowers(spec, named);
    return named;
  }
  const [names, otherNames] = [first, second].map(({ towers }) => towers.map(({ name }) => name)) as [
    string[],
    string[],
  ];
  const common = names.filter((name) => otherNames.includes(name));
  if (common.length === names.length && common.length === otherNames.length) return common;
  throw new SpecError({
    path: "compare: tasks",
    message: "the runs do not have the same tasks",
    received: listed(otherNames),
    expected: listed(names),
    fix: common.length > 0 ? `compare the common tasks: { tasks: [${listed(common)}] }` : undefined,
  });
}

function findTower(spec: ModelSpec, name: string): TowerSpec | undefined {
  return spec.towers.find((tower) => tower.name === name);
}

function taskProblems(first: TowerSpec | undefined, second: TowerSpec | undefined): Problem[] {
  if (first === undefined || second === undefined) return [];
  const differences = (what: string, of: (tower: TowerSpec) => string): Problem[] =>
    of(first) === of(second)
      ? []
      : [
          {
            path: `compare: task ${first.name}`,
            message: `the runs' tasks of this name differ in their ${what}`,
            received: of(second),
            expected: of(first),
            fix: "compare runs with the same task definition",
          },
        ];
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
    const names = Array.from({ length: model.domains?.count ?? 0 }, (_, domain) => domainName(model, domain));
    return `${model.domains?.count} of ${model.domains?.column}: ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`;
  };
  const [firstNames, otherNames] = [describeDomains({ ...spec, domains: first }), describeDomains(other)];
  if (firstNames === otherNames) return [];
  const fix = "compare runs with the same domains, or set the same names: .domains(column, names)";
  return [
    { path: "compare: domains", message: "the runs' domains differ", received: otherNames, expected: firstNames, fix },
  ];
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}

/** Whether two tables have the same rows; `null` if unknown. */
async function sameRows(first: Table, second: Table): Promise<boolean | null> {
  const [version, otherVersion] = await Promise.all([first.version(), second.version()]);
  if (!first.sharesSource(second) && (version === null || otherVersion === null)) return null;
  if (!first.sharesSource(second) && version?.key !== otherVersion?.key) return false;
  const [rows, otherRows] = [first.selection, second.selection];
  if (rows === null || otherRows === null) return rows === otherRows || first.rows === second.rows;
  return rows.length === otherRows.length && rows.every((row, place) => row === otherRows[place]);
}

/**
 * Checks, for a comparison without rows, that both runs held out the same rows; returns a note if unknown. Throws a
 * DataError if they held out different rows, since each run may have been trained on the other's.
 */
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
