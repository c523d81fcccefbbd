/**
 * Checks a table against a model and reports everything at once before training: missing columns, problems and
 * warnings of encoding, and issues that encoding cannot detect (constant features, domains without rows, ids that
 * are missing in the training data). Encodes part by part like training, so that memory stays bounded.
 */
import { DataError, type Problem } from "../../errors/index.js";
import { derivedFrom, type FeatureSpec, type ModelSpec, tableRows, validateSpec } from "../../spec/index.js";
import { percent } from "../../util/text/format.js";
import { inTurns } from "../../util/turns.js";
import { encode, encodeParts } from "../encode/encode.js";
import { hashCounters, hashSharing } from "../encode/hashed/sharing.js";
import { resolveVocabularies } from "../encode/ids/vocabulary.js";
import { planEncoding, sourceColumns } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { fitFeatures } from "../fit/index.js";
import type { Table } from "../table/table.js";
import { driftFindings } from "./drifted.js";
import { FeatureLook, unseenFindings } from "./features.js";
import type { Finding, TableCheck } from "./finding.js";
import { ratesDiffer } from "./label-rates.js";
import { LabelCounts } from "./labels.js";
import { columnPath, problemFinding, reportedFindings } from "./reported.js";
import { sharedRows } from "./shared-rows.js";
import { judgedRows, suspicions } from "./suspicions.js";

/** Options of {@link check}. */
export interface CheckOptions {
  /** The training rows, if the table contains other rows: enables the checks for ids missing there, and for drift. */
  readonly training?: Table | undefined;
}

/**
 * Checks a table against a model. Data problems are not thrown: they are returned as findings, errors first.
 * @example
 * const { findings } = await check(await openTable("test.parquet"), model.spec, { training: await openTable("train.parquet") });
 */
export async function check(table: Table, spec: ModelSpec, options: CheckOptions = {}): Promise<TableCheck> {
  const problems = [...validateSpec(spec)];
  const sound = await soundParts(spec, options.training ?? table, problems);
  const findings = problems.map(problemFinding);
  findings.push(...labelsAmongFeatures(sound, table));
  findings.push(...(await numberFindings(table, sound, spec, options.training)));
  findings.push(...(await featureFindings(table, featuresAlone(sound), options.training)));
  if (findings.every(({ severity }) => severity !== "error")) {
    findings.push(...(await suspiciousFeatures(table, sound)));
    if (options.training !== undefined) findings.push(...(await driftFindings(table, options.training, sound)));
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  return { source: table.source, rows: table.rows, findings: [...errors, ...warnings] };
}

/** Labels, sample weights and domains. */
async function numberFindings(
  table: Table,
  sound: ModelSpec,
  spec: ModelSpec,
  training: Table | undefined,
): Promise<Finding[]> {
  const report = new Report();
  const plan = planEncoding(table, { ...sound, features: [] }, {}, report);
  const labels = new LabelCounts(spec);
  for await (const part of encodeParts(table, plan, report)) labels.add(part);
  const faulty = new Set(report.rowProblems.map((problem) => problem.column));
  const shifted =
    training === undefined ? [] : await shiftedLabels(table, labels, training, { ...sound, features: [] });
  return [...(await reportedFindings(report, table, spec)), ...(await labels.findings(table, faulty)), ...shifted];
}

/** Labels whose rate differs from that in the training rows. */
async function shiftedLabels(table: Table, labels: LabelCounts, training: Table, spec: ModelSpec): Promise<Finding[]> {
  const report = new Report();
  const trained = new LabelCounts(spec);
  for await (const part of encodeParts(training, planEncoding(training, spec, {}, report), report)) trained.add(part);
  return [...labels.rates].flatMap(([label, rate]): Finding[] => {
    const before = trained.rates.get(label);
    if (before === undefined || !ratesDiffer(before, rate)) return [];
    const shares = [rate, before].map(({ positives, rows }) => percent(positives / rows));
    return [
      {
        severity: "warning",
        path: columnPath(table, label),
        message: `label "${label}" is positive in ${shares[0]} of the rows, and in ${shares[1]} of the training rows`,
        rows: null,
        examples: [],
        expected: "rows like those that the model learns from",
        fix: "if time passed between them, calibrate on recent rows; else split the data at random",
      },
    ];
  });
}

async function featureFindings(table: Table, spec: ModelSpec, training: Table | undefined): Promise<Finding[]> {
  const usedInTraining = training === undefined ? null : await usedRows(training, spec);
  const report = new Report();
  const hashed = hashCounters(spec.features);
  const plan = { ...planEncoding(table, spec, {}, report), hashed };
  const looks = spec.features.map((feature) => new FeatureLook(feature, usedInTraining?.get(feature.name) ?? null));
  let rows = 0;
  for await (const part of encodeParts(table, plan, report)) {
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

/**
 * The rows of each embedding table that the training data uses, by feature name. Problems of the training rows are
 * not reported here, only when they are checked themselves.
 */
async function usedRows(training: Table, spec: ModelSpec): Promise<ReadonlyMap<string, Uint8Array>> {
  const used = new Map<string, Uint8Array>();
  const report = new Report();
  for await (const { features } of encodeParts(training, planEncoding(training, spec, {}, report), report)) {
    for (const feature of spec.features) {
      const column = features.get(feature.name);
      const rows = tableRows(feature);
      if (column === undefined || column.kind === "dense" || rows === null) continue;
      const flags = used.get(feature.name) ?? new Uint8Array(rows);
      used.set(feature.name, flags);
      for (const id of column.ids) if (id >= 0) flags[id] = 1;
    }
  }
  return used;
}

/**
 * The parts of a model that can be checked separately, with features fitted to the training rows and vocabulary files
 * loaded; adds to the problems.
 */
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

/** The fitted features: together, or one by one if some cannot be fitted. */
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

/** A model with the same features and nothing else. */
function featuresAlone(spec: ModelSpec): ModelSpec {
  return { ...spec, labels: [], sampleWeights: [], towers: [], domains: null };
}

async function suspiciousFeatures(table: Table, spec: ModelSpec): Promise<Finding[]> {
  const data = await encode(table.take(judgedRows(table.rows)), spec);
  const suspects = await inTurns(suspicions(spec, data, judgedRows(data.rows)));
  return suspects.map(({ feature, message, fix }) => ({
    severity: "warning",
    path: `features.${feature}`,
    message,
    rows: null,
    examples: [],
    expected: null,
    fix,
  }));
}

/** A feature that reads a label leaks the answer to the model. */
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
    return [
      {
        severity: "warning",
        path: columnPath(table, label),
        message: `feature "${feature.name}" reads the label "${label}", which leaks the answer to the model`,
        rows: table.rows,
        examples: [],
        expected: "features that are known before the label",
        fix: `remove the feature "${feature.name}"`,
      },
    ];
  });
}
