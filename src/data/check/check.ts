/**
 * Everything that would go wrong in training, found at once and before anything runs: what the model lacks, what
 * encoding refuses or counts, and what neither can know of (constant features, domains without rows, ids that training
 * has never seen). It encodes as training does, a few features at a time, so that memory stays bounded.
 */
import { DataError, type Problem } from "../../errors/index.js";
import { type FeatureSpec, type ModelSpec, validateSpec } from "../../spec/index.js";
import { encodeReporting } from "../encode/encode.js";
import { sourceColumns } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { resolveVocabularies } from "../encode/vocabulary.js";
import type { Table } from "../table.js";
import { emptyOrConstant, type UsedRows, unseenInTraining, usedRows } from "./features.js";
import type { Finding, TableCheck } from "./finding.js";
import { labelFindings } from "./labels.js";
import { columnPath, problemFinding, reportedFindings } from "./reported.js";

/** What {@link check} compares with. */
export interface CheckOptions {
  /** The rows that the model is trained on, where the table holds others: tells of ids that training has not seen. */
  readonly training?: Table | undefined;
}

/** Values of columns in memory at a time. */
const mostValues = 30_000_000;

/**
 * Checks a table against a model. Throws nothing for what is wrong: it is all in the findings, errors first.
 *
 * @example
 * const { findings } = await check(await openTable("test.parquet"), model.spec, { training: await openTable("train.parquet") });
 */
export async function check(table: Table, spec: ModelSpec, options: CheckOptions = {}): Promise<TableCheck> {
  const problems = [...validateSpec(spec)];
  const sound = soundParts(spec, problems);
  const findings = problems.map(problemFinding);
  findings.push(...labelsAmongFeatures(sound, table));
  const { features: _, ...rest } = sound;
  const report = new Report();
  const numbers = await encodeReporting(table, { ...rest, features: [] }, {}, report);
  findings.push(...(await reportedFindings(report, table, spec)));
  const faulty = new Set(report.rowProblems.map((problem) => problem.column));
  findings.push(...(await labelFindings(numbers, spec, table, faulty)));
  const { training } = options;
  const rows = Math.max(table.rows, training?.rows ?? 0);
  const atOnce = Math.max(1, Math.floor(mostValues / Math.max(1, rows)));
  for (let start = 0; start < sound.features.length; start += atOnce) {
    const part = featuresAlone(sound, sound.features.slice(start, start + atOnce));
    const seen = training === undefined ? null : await usedInTraining(training, part);
    findings.push(...(await featureFindings(table, part, seen)));
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  return { source: table.source, rows: table.rows, findings: [...errors, ...warnings] };
}

async function featureFindings(table: Table, part: ModelSpec, seen: UsedRows | null): Promise<Finding[]> {
  const report = new Report();
  const { features } = await encodeReporting(table, part, {}, report);
  const findings = await reportedFindings(report, table, part);
  for (const feature of part.features) {
    const column = features.get(feature.name);
    if (column === undefined) continue;
    const still = emptyOrConstant(feature, column, table);
    if (still !== null) findings.push(still);
    const used = seen?.get(feature.name);
    if (used === undefined) continue;
    const name = sourceColumns(table, feature, part).join(" × ");
    const unseen = await unseenInTraining(feature, name, column, used, table);
    if (unseen !== null) findings.push(unseen);
  }
  return findings;
}

/** Faults of the training rows are told when those are checked; here they only say what was seen. */
async function usedInTraining(training: Table, part: ModelSpec): Promise<UsedRows> {
  const { features } = await encodeReporting(training, part, {}, new Report());
  return usedRows(part, features);
}

/** The parts of a model that can be looked at by themselves, with vocabulary files read; problems are added to. */
function soundParts(spec: ModelSpec, problems: Problem[]): ModelSpec {
  const faulty = (path: string): boolean => problems.some((problem) => problem.path.startsWith(path));
  const features = spec.features.filter(({ name }) => !faulty(`features.${name}`));
  const resolved = features.flatMap((feature): FeatureSpec[] => {
    try {
      return [...resolveVocabularies({ ...spec, features: [feature] }).features];
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  const towers = spec.towers.filter(({ name }) => !faulty(`towers.${name}`));
  return { ...spec, features: resolved, towers, domains: faulty("domains") ? null : spec.domains };
}

/** A model of these features and nothing else. */
function featuresAlone(spec: ModelSpec, features: readonly FeatureSpec[]): ModelSpec {
  return { ...spec, features, labels: [], sampleWeights: [], towers: [], domains: null };
}

/** A feature that reads a task's label tells the model the answer. */
function labelsAmongFeatures(spec: ModelSpec, table: Table): Finding[] {
  const labels = new Set(spec.towers.map((tower) => tower.label));
  return spec.features.flatMap((feature): Finding[] => {
    const label = sourceColumns(table, feature, spec).find((column) => labels.has(column));
    if (label === undefined) return [];
    return [
      {
        severity: "warning",
        path: columnPath(table, label),
        message: `feature "${feature.name}" reads the label "${label}": the model is told the answer`,
        rows: table.rows,
        examples: [],
        expected: "features that are known before the label is",
        fix: `take the feature "${feature.name}" out`,
      },
    ];
  });
}
