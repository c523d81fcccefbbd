/** Checks a table against a model before training: problems of encoding, and signs that it cannot detect. */
import { DataError, type Problem } from "../../errors/index.js";
import { derivedFrom } from "../../spec/feature/derived.js";
import { type FeatureSpec, tableRows } from "../../spec/feature/feature.js";
import { domainName, ignoredClass, ignoresRows, isBinary, type ModelSpec, type TowerSpec } from "../../spec/model.js";
import { narrowTables } from "../../spec/table-placement.js";
import { validateSpec } from "../../spec/validate/model.js";
import { getOrMake } from "../../util/growing.js";
import { count, fixed, grouped, percent } from "../../util/text.js";
import { inTurns } from "../../util/turns.js";
import { encode, encodeParts } from "../encode/encode.js";
import { planEncoding, sourceColumns } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { type HashSharing, hashCounters, hashSharing } from "../encode/sharing.js";
import { resolveVocabularies } from "../encode/vocabulary.js";
import type { EncodedData } from "../encoded/encoded.js";
import { fitFeatures } from "../fit-features.js";
import { describe } from "../summary/describe.js";
import { futureLeaks } from "../summary/label-counts.js";
import { userSource } from "../summary/row-groups.js";
import { Fault } from "../table/column.js";
import type { Table } from "../table/table.js";
import { FeatureLook, unseenFindings } from "./features.js";
import { type LabelRate, ratesDiffer } from "./label-rates.js";
import { lookAheadFindings } from "./look-ahead.js";
import {
  columnPath,
  type Finding,
  located,
  problemFinding,
  reportedFindings,
  type TableCheck,
  warning,
} from "./reported.js";
import { judgedRows, suspicions } from "./suspicions.js";

const LARGE = 0.25;

async function driftFindings(table: Table, training: Table, spec: ModelSpec, user: string | null | undefined) {
  const columns = spec.features.flatMap((feature) => sourceColumns(table, feature, spec));
  const present = [...new Set(columns)].filter((name) => table.has(name) && training.has(name));
  if (present.length === 0 || table.rows === 0 || training.rows === 0) return [];
  const users = [userSource(spec, table, user) ?? []].flat().filter((name) => table.has(name));
  const { drift } = await describe(table.select(...new Set([...present, ...users])), {
    training,
    user,
    spec: { ...spec, features: spec.features.filter(({ kind }) => kind === "id") },
  });
  return (drift?.columns ?? [])
    .filter(({ name, psi, isBeyondNoise }) => isBeyondNoise && psi! >= LARGE && present.includes(name))
    .map(({ name, psi, psiFloor }) => {
      const independent = drift!.user === null ? "rows taken as independent" : `whole users by ${drift!.user}`;
      const sizes = `its population stability index is ${fixed(psi, 2)}, and two random samples of these sizes (${independent}) stay below ${fixed(psiFloor)}`;
      return warning(columnPath(table, name), `differs from the training rows: ${sizes}`, {
        expected: "rows like those that the model learns from",
        fix: 'look at it: (await test.describe({ model, training: train })).chart("drift")',
      });
    });
}

/** Rows and positives of one binary label: per domain, then in total. */
interface ClassCounts {
  /** The first tower of the label. */
  readonly tower: TowerSpec;
  readonly rows: Float64Array;
  readonly positives: Float64Array;
}

class LabelCounts {
  readonly #classes: ReadonlyMap<string, ClassCounts>;
  /** Positives outside the task's space, by tower name. */
  readonly #outside = new Map<string, Fault>();
  #rows = 0;

  constructor(private readonly spec: ModelSpec) {
    const { towers, domains } = spec;
    const size = (domains?.count ?? 0) + 1;
    const firsts = towers.filter(({ label }, at) => towers.findIndex((tower) => tower.label === label) === at);
    this.#classes = new Map(
      firsts.filter(isBinary).map((tower) => {
        return [tower.label, { tower, rows: new Float64Array(size), positives: new Float64Array(size) }];
      }),
    );
  }

  add(part: EncodedData): void {
    // A non-numeric column has no values here, since encoding has rejected it.
    const valuesOf = (label = ""): Float32Array | null => {
      const values = part.labels.get(label);
      return values?.length === part.rows ? values : null;
    };
    for (const [label, counts] of this.#classes) countClasses(counts, valuesOf(label) ?? [], part.domains);
    for (const { name, label, taskSpace } of this.spec.towers) {
      const [values, indicator] = [valuesOf(label), valuesOf(taskSpace?.indicatorLabel)];
      if (taskSpace?.outWeight !== 0 || values === null || indicator === null) continue;
      for (const [row, value] of values.entries()) {
        if (!(value > 0) || indicator[row]! > 0) continue;
        getOrMake(this.#outside, name, () => new Fault()).note(this.#rows + row, value);
      }
    }
    this.#rows += part.rows;
  }

  async findings(table: Table, faulty: ReadonlySet<string>): Promise<Finding[]> {
    const findings: Finding[] = [];
    const byDomain = !faulty.has(this.spec.domains?.column ?? "");
    for (const tower of this.spec.towers) {
      if (faulty.has(tower.label)) continue;
      const counts = this.#classes.get(tower.label);
      if (counts?.tower === tower) findings.push(...oneClass(counts, byDomain, this.spec, table));
      const outside = this.#outside.get(tower.name);
      const indicator = tower.taskSpace?.indicatorLabel ?? "";
      if (outside !== undefined && !faulty.has(indicator)) {
        findings.push(await outsideSpace(tower.label, indicator, outside, table));
      }
    }
    return findings;
  }

  get rates(): ReadonlyMap<string, LabelRate> {
    return new Map(
      [...this.#classes].map(([label, { rows, positives }]) => {
        return [label, { rows: rows.at(-1)!, positives: positives.at(-1)! }];
      }),
    );
  }
}

function countClasses(counts: ClassCounts, values: ArrayLike<number>, domains: Int32Array | null): void {
  const { tower, rows, positives } = counts;
  const ignores = ignoresRows(tower);
  const all = rows.length - 1;
  for (let row = 0; row < values.length; row++) {
    if (ignores && values[row] === ignoredClass) continue;
    const domain = domains?.length === values.length ? domains[row]! : -1;
    const positive = values[row]! > 0 ? 1 : 0;
    rows[all]! += 1;
    positives[all]! += positive;
    if (domain < 0 || domain >= all) continue;
    rows[domain]! += 1;
    positives[domain]! += positive;
  }
}

async function outsideSpace(label: string, indicator: string, outside: Fault, table: Table): Promise<Finding> {
  const message = `positive in rows where "${indicator}" is not: the task's loss ignores these rows`;
  return warning(columnPath(table, label), message, {
    rows: outside.rows,
    examples: await located(outside.examples, table),
    expected: `"${label}" above 0 only where "${indicator}" is`,
    fix: "correct the labels, or set a weight for the rows outside the task's space",
  });
}

function oneClass({ tower, rows, positives }: ClassCounts, byDomain: boolean, spec: ModelSpec, table: Table) {
  const { label } = tower;
  const all = rows.length - 1;
  const single = (at: number): boolean => rows[at]! > 0 && (positives[at] === 0 || positives[at] === rows[at]);
  const finding = (at: number, where: string): Finding => {
    const value = positives[at] === 0 ? 0 : 1;
    const message = `label "${label}" is ${value} in every row${where}, so ranking and AUC are not possible`;
    const fix = "add rows of the other class, or remove the domain or the task";
    return warning(columnPath(table, label), message, { rows: rows[at]!, expected: "rows of both classes", fix });
  };
  if (single(all)) return [finding(all, "")];
  return Array.from({ length: byDomain ? all : 0 }, (_, domain) => domain)
    .filter(single)
    .map((domain) => finding(domain, ` of domain ${domain} (${domainName(spec, domain)})`));
}

export interface CheckOptions {
  /** The training rows, if the table contains other rows: enables the checks for ids missing there, and for drift. */
  readonly training?: Table | undefined;
  readonly user?: string | null | undefined;
}

/** Checks a table against a model; data problems are not thrown but returned, errors first. */
export async function check(table: Table, spec: ModelSpec, options: CheckOptions = {}): Promise<TableCheck> {
  const problems = [...validateSpec(spec)];
  const sound = await soundParts(spec, options.training ?? table, problems);
  const findings = problems.map(problemFinding);
  // Only models from a production config are checked, since others may never go to TorchEasyRec.
  const narrow = Object.keys(spec.extra).length === 0 ? [] : narrowTables(spec);
  findings.push(...narrow.map((problem): Finding => ({ ...problemFinding(problem), severity: "warning" })));
  findings.push(...labelsAmongFeatures(sound, table));
  findings.push(...(await numberFindings(table, sound, spec, options.training)));
  const features = { ...sound, labels: [], sampleWeights: [], towers: [], domains: null };
  findings.push(...(await featureFindings(table, features, options.training)));
  if (findings.every(({ severity }) => severity !== "error")) {
    const data = await encode(table.take(judgedRows(table.rows)), sound);
    const suspects = await inTurns(suspicions(sound, data, judgedRows(data.rows)));
    findings.push(...suspects.map(({ feature, message, fix }) => warning(`features.${feature}`, message, { fix })));
    if (options.training !== undefined)
      findings.push(...(await driftFindings(table, options.training, sound, options.user)));
  }
  if (options.training !== undefined) {
    findings.push(...(await leakFindings(table, options.training, options.user)));
  }
  findings.push(...(await lookAheadFindings(table, options.training, sound)));
  const errors = findings.filter(({ severity }) => severity === "error");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  return { source: table.source, rows: table.rows, findings: [...errors, ...warnings] };
}

/** Rows of users whose later rows are training rows, where the roles say who and when. */
async function leakFindings(table: Table, training: Table, named: CheckOptions["user"]): Promise<Finding[]> {
  const { user: role, time } = table.roles;
  const user = named === undefined ? role : named;
  if (user == null || time === undefined || !training.has(user) || !training.has(time)) return [];
  const leaks = await futureLeaks(training, table, { user, time });
  if (leaks.rows === 0) return [];
  const [rows, whose] = [`${grouped(leaks.rows)} of ${count(leaks.of, "row")}`, count(leaks.users, "user")];
  const message = `${rows}, of ${whose}, are older than a training row of the same user: training has seen what these users did next`;
  const expected = "rows that are newer than those their users were trained on";
  return [
    warning(columnPath(table, time), message, { expected, fix: "split by time: data.split({ train: 8, test: 2 })" }),
  ];
}

async function countedLabels(table: Table, sound: ModelSpec, spec: ModelSpec) {
  const report = new Report();
  const labels = new LabelCounts(spec);
  const plan = planEncoding(table, { ...sound, features: [] }, {}, report);
  for await (const { encoded } of encodeParts(table, plan, report)) labels.add(encoded);
  return { report, labels };
}

async function numberFindings(table: Table, sound: ModelSpec, spec: ModelSpec, training: Table | undefined) {
  const { report, labels } = await countedLabels(table, sound, spec);
  const faulty = new Set(report.rowProblems.map((problem) => problem.column));
  const before = training === undefined ? null : (await countedLabels(training, sound, sound)).labels.rates;
  const shifted = [...labels.rates].flatMap(([label, rate]): Finding[] => {
    const trained = before?.get(label);
    if (trained === undefined || !ratesDiffer(trained, rate)) return [];
    const [share, trainedShare] = [rate, trained].map(({ positives, rows }) => percent(positives / rows));
    const message = `label "${label}" is positive in ${share} of the rows, and in ${trainedShare} of the training rows (rows taken as independent)`;
    const expected = "rows like those that the model learns from";
    const fix = "if time passed between them, calibrate on recent rows; else split the data at random";
    return [warning(columnPath(table, label), message, { expected, fix })];
  });
  return [...(await reportedFindings(report, table, spec)), ...(await labels.findings(table, faulty)), ...shifted];
}

async function featureFindings(table: Table, spec: ModelSpec, training: Table | undefined): Promise<Finding[]> {
  const usedInTraining = training === undefined ? null : await usedRows(training, spec);
  const report = new Report();
  const hashed = hashCounters(spec.features);
  const plan = { ...planEncoding(table, spec, {}, report), hashed };
  const looks = spec.features.map((feature) => new FeatureLook(feature, usedInTraining?.get(feature.name) ?? null));
  let rows = 0;
  for await (const { encoded: part } of encodeParts(table, plan, report)) {
    for (const look of looks) look.add(part.features.get(look.feature.name), part.rows, rows);
    rows += part.rows;
  }
  const findings = await reportedFindings(report, table, spec);
  findings.push(...looks.flatMap((look) => look.findings(table)));
  const unseen = looks.flatMap(({ feature, unseen: ids }) =>
    ids === null ? [] : [{ feature, column: sourceColumns(table, feature, spec).join(" × "), rows: ids }],
  );
  findings.push(...(await unseenFindings(unseen, table)));
  findings.push(...hashSharing(spec.features, hashed).flatMap((sharing) => sharedRows(sharing)));
  return findings;
}

/** Rows of embedding tables that the training data uses, by feature. Its problems are not reported here. */
async function usedRows(training: Table, spec: ModelSpec): Promise<ReadonlyMap<string, Uint8Array>> {
  const used = new Map<string, Uint8Array>();
  const report = new Report();
  for await (const { encoded } of encodeParts(training, planEncoding(training, spec, {}, report), report)) {
    for (const feature of spec.features) {
      const column = encoded.features.get(feature.name);
      const rows = tableRows(feature);
      if (column === undefined || column.kind === "dense" || rows === null) continue;
      const flags = getOrMake(used, feature.name, () => new Uint8Array(rows));
      for (const id of column.ids) if (id >= 0) flags[id] = 1;
    }
  }
  return used;
}

/** The parts of a model that can be checked separately, with fitted features and loaded vocabulary files. */
async function soundParts(spec: ModelSpec, training: Table, problems: Problem[]): Promise<ModelSpec> {
  const faulty = (path: string): boolean => problems.some((problem) => isWithin(problem.path, path));
  const features = spec.features.filter(({ name }) => !faulty(`features.${name}`));
  const resolved = (await soundFeatures({ ...spec, features }, training, problems)).flatMap(
    (feature): FeatureSpec[] => {
      try {
        return [...resolveVocabularies({ ...spec, features: [feature] }).features];
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        problems.push(...error.problems);
        return [];
      }
    },
  );
  const towers = spec.towers.filter(({ name }) => !faulty(`towers.${name}`));
  return { ...spec, features: resolved, towers, domains: faulty("domains") ? null : spec.domains };
}

async function soundFeatures(spec: ModelSpec, training: Table, problems: Problem[]): Promise<readonly FeatureSpec[]> {
  try {
    return (await fitFeatures(spec, training)).features;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    if (spec.features.length > 1) {
      const alone = spec.features.map((feature) => soundFeatures({ ...spec, features: [feature] }, training, problems));
      return (await Promise.all(alone)).flat();
    }
    problems.push(...error.problems);
    return [];
  }
}

/** Whether a path equals or extends another: `features.a.name` is within `features.a`, `features.ab` is not. */
function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && (path.length === outer.length || /[.[]/.test(path[outer.length]!));
}

function labelsAmongFeatures(spec: ModelSpec, table: Table): Finding[] {
  const named = new Set([...spec.labels, ...spec.towers.map((tower) => tower.label)]);
  named.delete(spec.domains?.column ?? "");
  const labels = new Set(
    [...named].flatMap((label) => {
      const rule = spec.derived?.[label];
      return rule === undefined ? [label] : derivedFrom(rule);
    }),
  );
  return spec.features.flatMap((feature): Finding[] => {
    const label = sourceColumns(table, feature, spec).find((column) => labels.has(column));
    if (label === undefined) return [];
    const message = `feature "${feature.name}" reads the label "${label}", which leaks the answer to the model`;
    return [
      warning(columnPath(table, label), message, {
        rows: table.rows,
        expected: "features that are known before the label",
        fix: `remove the feature "${feature.name}"`,
      }),
    ];
  });
}

function sharedRows({ feature, size, values, rows, sharing, exact, larger }: HashSharing): Finding[] {
  if (sharing === 0) return [];
  const counted = (count: number): string => `${exact ? "" : "about "}${grouped(count)}`;
  const described = `${counted(sharing)} of ${counted(values)} distinct values (${percent(sharing / values)})`;
  const vocabulary = "a vocabulary (.vocab([...])) uses a separate row for each value";
  const others = larger === null || larger.sharing === 0 ? "none" : counted(larger.sharing);
  return [
    warning(
      `features.${feature}`,
      `${described} share a row with another value: they use ${counted(rows)} rows of .hash(${size})`,
      {
        expected: "few values that share a row, because they share its embedding",
        fix: larger === null ? vocabulary : `with .hash(${larger.size}), ${others} would share; ${vocabulary}`,
      },
    ),
  ];
}
