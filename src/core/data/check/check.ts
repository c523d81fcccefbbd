/** Checks a table against a model before training: gathers what encoding refuses and what judges of data read. */
import { type Finding, ranked } from "../../errors/finding.js";
import { DataError, type Problem } from "../../errors/index.js";
import { type FeatureSpec, tableRows } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { narrowTables } from "../../spec/table-placement.js";
import { validateSpec } from "../../spec/validate/model.js";
import { idleParts } from "../../spec/validate/warnings.js";
import { getOrMake } from "../../util/growing.js";
import { encode, encodeParts } from "../encode/encode.js";
import { planEncoding, sourceColumns } from "../encode/plan.js";
import { hashCounters, hashSharing } from "../encode/sharing.js";
import { resolveVocabularies } from "../encode/vocabulary.js";
import { fitFeatures } from "../fit-features.js";
import { describe } from "../summary/describe.js";
import { futureLeaks } from "../summary/label-counts.js";
import { userSource } from "../summary/row-groups.js";
import type { Table } from "../table/table.js";
import { LabelClasses, overallCounts } from "./class-counts.js";
import type { DataFacts } from "./facts.js";
import { judgedRows } from "./feature-judges.js";
import { FeatureLook, unseenRows } from "./features.js";
import { judgedData } from "./judges.js";
import { columnsAhead } from "./look-ahead.js";
import { columnPath, located, refused, reportedFindings, type TableCheck } from "./reported.js";

export interface CheckOptions {
  /** The training rows, if the table contains other rows: enables the checks for ids missing there, and for drift. */
  readonly training?: Table | undefined;
  readonly user?: string | null | undefined;
}

/** Checks a table against a model; data problems are not thrown but returned, by severity. */
export async function check(table: Table, spec: ModelSpec, options: CheckOptions = {}): Promise<TableCheck> {
  const problems = [...validateSpec(spec)];
  const sound = await soundParts(spec, options.training ?? table, problems);
  // Only models from a production config are checked, since others may never go to TorchEasyRec.
  const narrow = Object.keys(spec.extra).length === 0 ? [] : narrowTables(spec);
  const labels = await labelFacts(table, sound, spec, options.training);
  const features = await featureFacts(table, sound, options.training);
  const certain = [
    ...problems.map(refused),
    ...idleParts(spec),
    ...narrow.map((problem): Finding => ({ ...problem, severity: "moderate" })),
    ...labels.reported,
    ...features.reported,
  ];
  const isEncodable = certain.every(({ severity }) => severity !== "error");
  const judged = await judgedData({
    spec: sound,
    place: (column) => columnPath(table, column),
    sources: (feature) => sourceColumns(table, feature, sound),
    ...labels.facts,
    ...features.facts,
    ahead: await columnsAhead(table, options.training, sound),
    ...(isEncodable && { sample: await sampled(table, sound) }),
    ...(options.training !== undefined && (await trainingFacts(table, options.training, sound, isEncodable, options))),
  });
  return { source: table.source, rows: table.rows, findings: ranked([...certain, ...judged]) };
}

async function sampled(table: Table, spec: ModelSpec): Promise<DataFacts["sample"]> {
  const data = await encode(table.take(judgedRows(table.rows)), spec);
  return { data, rows: judgedRows(data.rows) };
}

/** Drift, and rows of users who have later training rows, if the roles name the user and the time. */
async function trainingFacts(
  table: Table,
  training: Table,
  spec: ModelSpec,
  isEncodable: boolean,
  options: CheckOptions,
): Promise<Pick<DataFacts, "drift" | "leaks">> {
  const { user: role, time } = table.roles;
  const user = options.user === undefined ? role : options.user;
  const isKnown = user != null && time !== undefined && training.has(user) && training.has(time);
  return {
    drift: isEncodable ? await driftFrom(table, training, spec, options.user) : undefined,
    leaks: isKnown ? await futureLeaks(training, table, { user, time }) : undefined,
  };
}

async function driftFrom(
  table: Table,
  training: Table,
  spec: ModelSpec,
  user: CheckOptions["user"],
): Promise<DataFacts["drift"]> {
  const columns = spec.features.flatMap((feature) => sourceColumns(table, feature, spec));
  const present = [...new Set(columns)].filter((name) => table.has(name) && training.has(name));
  if (present.length === 0 || table.rows === 0 || training.rows === 0) return undefined;
  const users = [userSource(spec, table, user) ?? []].flat().filter((name) => table.has(name));
  const { drift } = await describe(table.select(...new Set([...present, ...users])), {
    training,
    user,
    spec: { ...spec, features: spec.features.filter(({ kind }) => kind === "id") },
  });
  return drift === null ? undefined : { ...drift, columns: drift.columns.filter(({ name }) => present.includes(name)) };
}

async function countedLabels(table: Table, spec: ModelSpec) {
  const counts = new LabelClasses(spec);
  const plan = planEncoding(table, { ...spec, features: [] });
  for await (const { encoded } of encodeParts(plan)) counts.add(encoded);
  return { report: plan.report, counts };
}

async function labelFacts(table: Table, sound: ModelSpec, spec: ModelSpec, training: Table | undefined) {
  const { report, counts } = await countedLabels(table, sound);
  const faulty = new Set(report.errors.map(({ column }) => column));
  const byDomain = !faulty.has(sound.domains?.column ?? "");
  const outside = [...counts.outside].map(async ([{ label, taskSpace }, { rows, examples }]) => {
    return { label, indicator: taskSpace?.indicatorLabel ?? "", rows, examples: await located(examples, table) };
  });
  const facts = {
    labels: counts.classes
      .filter(({ tower }) => !faulty.has(tower.label))
      .map((each) => (byDomain ? each : overallCounts(each))),
    outside: (await Promise.all(outside)).filter(
      ({ label, indicator }) => !faulty.has(label) && !faulty.has(indicator),
    ),
    trained: training === undefined ? undefined : (await countedLabels(training, sound)).counts.classes,
  };
  return { facts, reported: await reportedFindings(report, spec) };
}

async function featureFacts(table: Table, sound: ModelSpec, training: Table | undefined) {
  const spec = { ...sound, labels: [], sampleWeights: [], towers: [], domains: null };
  const usedInTraining = training === undefined ? null : await usedRows(training, spec);
  const hashed = hashCounters(spec.features);
  const plan = { ...planEncoding(table, spec), hashed };
  const looks = spec.features.map((feature) => new FeatureLook(feature, usedInTraining?.get(feature.name) ?? null));
  let rows = 0;
  for await (const { encoded: part } of encodeParts(plan)) {
    for (const look of looks) look.add(part.features.get(look.feature.name), part.rows, rows);
    rows += part.rows;
  }
  const unseen = looks.flatMap(({ feature, unseen: ids }) =>
    ids === null ? [] : [{ feature, column: sourceColumns(table, feature, spec).join(" × "), rows: ids }],
  );
  const facts = {
    constants: looks.flatMap((look) => look.constant ?? []),
    unseen: await unseenRows(unseen, table),
    sharing: hashSharing(spec.features, hashed),
  };
  return { facts, reported: await reportedFindings(plan.report, spec) };
}

/** Rows of embedding tables that the training data uses, by feature. Its problems are not reported here. */
async function usedRows(training: Table, spec: ModelSpec): Promise<ReadonlyMap<string, Uint8Array>> {
  const used = new Map<string, Uint8Array>();
  for await (const { encoded } of encodeParts(planEncoding(training, spec))) {
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
