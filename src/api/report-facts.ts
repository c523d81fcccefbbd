/** Gathers what the report of a run says about the model, its training and its data. */
import { findingText } from "../core/errors/finding.js";
import { DataError, PepnetError } from "../core/errors/index.js";
import { keyPackages, machine } from "../core/port/installed.js";
import type { ModelSpec } from "../core/spec/model.js";
import { packageVersion } from "../core/util/files/package-root.js";
import { packageVersionIn } from "../core/util/files/package-version.js";
import type { SectionName } from "../lab/report/sections.js";
import type { ReportData, ReportFacts } from "../lab/report/summary.js";
import { type Dataset, type DatasetSource, dataset } from "./data/dataset.js";
import { modelNotes, modelSheet } from "./model/summary.js";
import type { BaselineRun, ReportedRun, ReportOptions } from "./report-options.js";
import { tables } from "./result.js";

const MISSING_ROWS =
  "no evaluation rows, so gates, counterfactuals and data are missing: run.report(data, { path }) adds them";

export async function gatherFacts(
  run: ReportedRun,
  data: DatasetSource | null,
  options: ReportOptions,
): Promise<ReportFacts> {
  const { spec, history, interrupted, gatesHistory } = run;
  const { user, rows: sampled } = options;
  const { runJudges } = await import("../lab/report/judges/judges.js");
  const texts = new Set(run.findings.map(findingText)); // findings are listed as such
  const isWanted = (section: SectionName): boolean => options.sections?.includes(section) ?? true;
  const rows = data === null ? run.validation : await dataset(data);
  const training = options.training === undefined ? undefined : await dataset(options.training);
  const evaluation = rows === null ? run.evaluation : await run.evaluate(rows, { intervals: true, user });
  const model = tables().sheetTable(modelSheet(spec));
  return {
    title: options.title ?? model.caption ?? "PEPNet",
    spec,
    model: { table: model, notes: modelNotes(spec) },
    config: await reportConfig(spec),
    data: await reportData(spec, rows, training ?? null, isWanted("data"), user),
    history,
    interrupted,
    notes: [
      ...run.notes.filter((note) => !texts.has(note)).map(withoutPlaces),
      ...(rows === null ? [MISSING_ROWS] : []),
    ],
    findings: run.findings.filter(({ judge }) => !runJudges.some(({ name }) => name === judge)),
    evaluation: evaluation?.facts ?? null,
    references: run.evaluation?.references ?? [],
    training: training === undefined ? null : (await run.evaluate(training, { intervals: false })).facts,
    coldUsers: isWanted("evaluation") ? await coldUsers(run, rows, training, evaluation?.user ?? null) : null,
    comparison: await baselineComparison(run, rows, options),
    calibration: rows === null || !isWanted("evaluation") ? null : (await run.calibration(rows, { user })).facts,
    audit: rows === null ? null : (await run.audit(rows, { rows: sampled })).facts,
    gates: rows === null || !isWanted("gates") ? null : (await run.gates(rows, { rows: sampled, user })).facts,
    gatesHistory,
    counterfactuals:
      rows === null || !isWanted("counterfactuals")
        ? null
        : (await run.counterfactual(rows, { rows: sampled, user })).facts,
    study: options.study?.facts ?? null,
    worth: options.worth?.facts ?? null,
    origin: await reportOrigin(run),
  };
}

/** New users against known ones; needs a user column, which is never guessed. */
async function coldUsers(run: ReportedRun, rows: Dataset | null, training: Dataset | undefined, user: string | null) {
  if (rows === null || training === undefined || user === null) return null;
  if (training.columns.every(({ name }) => name !== user)) return null;
  return (await run.evaluate(rows, { intervals: true, user, by: { column: user, training } })).facts;
}

async function baselineComparison(
  run: ReportedRun,
  rows: Dataset | null,
  { baseline, baselineName, user, sections }: ReportOptions,
): Promise<ReportFacts["comparison"]> {
  if (baseline === undefined || !(sections?.some((name) => name === "baseline" || name === "summary") ?? true))
    return null;
  if (rows === null) {
    throw new DataError({
      path: "run.report: baseline",
      message: "a comparison needs evaluation rows, and the run has no validation rows",
      fix: "pass the rows: run.report(test, { path, baseline })",
    });
  }
  const isRun = Array.isArray(baseline) || typeof (baseline as BaselineRun).spec === "object";
  const columns = isRun ? [] : Object.values(baseline as Record<string, string>);
  const name = baselineName ?? (columns.length > 0 ? [...new Set(columns)].join(" and ") : "the baseline");
  return (await run.compare(rows, { with: baseline, names: ["this run", name], user })).facts;
}

async function reportConfig(spec: ModelSpec): Promise<ReportFacts["config"]> {
  const { configText } = await import("../core/config/config-from-spec.js");
  try {
    return { text: configText(spec) };
  } catch (error) {
    if (error instanceof PepnetError) return { refused: error.message };
    throw error;
  }
}

async function reportData(
  spec: ModelSpec,
  rows: Dataset | null,
  training: Dataset | null,
  isDescribed: boolean,
  user: string | null | undefined,
): Promise<ReportData[]> {
  const facts: ReportData[] = [];
  if (rows !== null) facts.push(await describedData("Evaluation rows", spec, rows, isDescribed, training, user));
  if (training !== null) facts.push(await describedData("Training rows", spec, training, isDescribed, null));
  return facts;
}

async function describedData(
  use: string,
  spec: ModelSpec,
  set: Dataset,
  isDescribed: boolean,
  training: Dataset | null,
  user?: string | null,
): Promise<ReportData> {
  const encoded = await set.encode(spec);
  const { encodedHash } = await import("../core/data/encoded/hashes.js");
  const { isStreamed } = await import("../core/data/encoded/streamed.js");
  const facts = {
    use,
    source: withoutPlaces(set.table.source),
    rows: set.rows,
    sha256: isStreamed(encoded) ? null : await encodedHash(encoded),
    notes: set.notes.map(withoutPlaces),
  };
  if (!isDescribed) return { ...facts, tables: [], charts: [] };
  const summary = await set.describe({ model: { spec }, training: training ?? undefined, user });
  const sheets = [summary.sheet(), ...(summary.hashed.length > 0 ? [summary.sheet("hashed")] : [])];
  const { sheetTable } = tables();
  const charts = [
    ...(summary.drift === null ? [] : [(await summary.chart("drift")).toChart()]),
    ...(summary.labels.length === 0 ? [] : [(await summary.chart("labels")).toChart()]),
  ];
  return { ...facts, tables: sheets.map(sheetTable), charts };
}

/** Pages are shared: they name only the last folder and file of a path, not its location on this machine. */
function withoutPlaces(text: string): string {
  return text.replace(/(?:\/|[A-Za-z]:\\)(?:[^\s/\\]+[/\\])+([^\s/\\]+[/\\][^\s/\\]+)/g, "$1");
}

async function reportOrigin(run: ReportedRun): Promise<ReportFacts["origin"]> {
  const packages = keyPackages.flatMap((name): [string, string][] => {
    const version = packageVersionIn(__dirname, name);
    return version === null ? [] : [[name, version]];
  });
  const { platform, cpu, cores, memoryGb } = machine();
  return {
    versions: Object.fromEntries([["pepnet", packageVersion()], ["node", process.versions.node], ...packages]),
    seeds: [{ use: "training", seed: run.spec.training.seed }],
    engine: await run.engineName(),
    machine: `${platform}, ${cpu}, ${cores} cores, ${memoryGb} GB`,
    written: new Date().toISOString(),
  };
}
