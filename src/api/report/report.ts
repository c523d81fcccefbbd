/** `run.report(data, { path })`: computes what is not there yet, and writes one page that opens from disk. */
import { mkdir, open, stat } from "node:fs/promises";
import path from "node:path";
import type { EncodedRows } from "../../data/index.js";
import { DataError, PepnetError } from "../../errors/index.js";
import { keyPackages, machine } from "../../port/index.js";
import type { ReportData, ReportFacts, SectionName } from "../../report/index.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { packageVersionIn } from "../../util/package-version.js";
import { kindOfFile } from "../../util/read-whole.js";
import { type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { modelNotes, modelTable } from "../data/tables.js";
import type { Run } from "../run/run.js";
import type { Study } from "../study/study.js";
import { ReportResult } from "./result.js";

/** What a report shows, and of which rows. */
export interface ReportOptions {
  /** Where the page goes. */
  readonly path: string;
  /** Training rows: compared with the others, described, and used to set rarely seen ids apart. */
  readonly training?: DatasetSource;
  /** Id feature that says whose row each is, so that intervals draw whole users. Default: a `grouped_auc`'s key, else rows. */
  readonly user?: string;
  /** A study of the model's variants, for a section of its own. */
  readonly study?: Study;
  /** Default: all. */
  readonly sections?: readonly SectionName[];
  /** Default: what the model is made of. */
  readonly title?: string;
  /** Rows sampled for gates and counterfactuals. Default: 10,000. */
  readonly rows?: number;
  /** `false`: without pictures for paper and for where scripts do not run, which take .2 s a chart. Default: true. */
  readonly pictures?: boolean;
  /** `true`: write over any file. Default: only over a report. */
  readonly overwrite?: boolean;
  /** Aborted: the call throws, and no page is written. In a notebook an interrupt does this by itself. */
  readonly signal?: AbortSignal;
}

/** Gathers, writes, and tells what was found. */
export async function writeReport(run: Run, data: DatasetSource | null, options: ReportOptions): Promise<ReportResult> {
  const { path: file } = options;
  const { reportPage, sectionNames, suggestions } = await import("../../report/index.js");
  assertSections(options.sections, sectionNames);
  // Before minutes of work.
  await assertPlace(file, options);
  const facts = await gather(run, data, options);
  const found = suggestions(facts);
  const html = await reportPage(facts, found, { sections: options.sections, pictures: options.pictures });
  await writePage(file, html);
  return new ReportResult(file, Buffer.byteLength(html), found);
}

/** How a study's page is written. */
export type StudyReportOptions = Pick<ReportOptions, "path" | "title" | "pictures" | "overwrite">;

/** A study as a page of its own. */
export async function writeStudyReport(study: Study, options: StudyReportOptions): Promise<ReportResult> {
  const { path: file } = options;
  const { sectionsPage, studyBlocks } = await import("../../report/index.js");
  await assertPlace(file, options);
  const title = options.title ?? "Variants against the model";
  const section = { name: "ablation", title: "Verdicts", blocks: studyBlocks(study) };
  const html = await sectionsPage(title, [section], ownVersion(), options);
  await writePage(file, html);
  return new ReportResult(file, Buffer.byteLength(html), []);
}

async function gather(run: Run, data: DatasetSource | null, options: ReportOptions): Promise<ReportFacts> {
  const { spec, history, interrupted, notes, gatesHistory } = run;
  const wanted = (section: SectionName): boolean => options.sections?.includes(section) ?? true;
  const rows = data === null ? run.validation : await dataset(data);
  const training = options.training === undefined ? null : await dataset(options.training);
  const { signal, rows: sampled } = options;
  const sample = { ...(sampled === undefined ? {} : { rows: sampled }), ...(signal === undefined ? {} : { signal }) };
  const seen = training === null ? {} : { training };
  const whose = options.user === undefined ? {} : { user: options.user };
  const evaluation = rows === null ? run.evaluation : await run.evaluate(rows, { intervals: true, ...whose });
  signal?.throwIfAborted();
  return {
    title: options.title ?? modelTable(spec).caption ?? "PEPNet",
    spec,
    model: { table: modelTable(spec), notes: modelNotes(spec) },
    config: configOf(run),
    data: await dataOf(run, rows, training, wanted("data")),
    history,
    interrupted,
    notes: [...notes.map(withoutPlaces), ...(rows === null ? [missingRows] : [])],
    evaluation,
    references: run.evaluation?.references ?? [],
    training: training === null ? null : await run.evaluate(training, { intervals: false }),
    calibration: rows === null || !wanted("evaluation") ? null : await run.calibration(rows),
    gates: rows === null || !wanted("gates") ? null : await run.gates(rows, { ...sample, ...seen }),
    gatesHistory,
    counterfactuals:
      rows === null || !wanted("counterfactuals") ? null : await run.counterfactual(rows, { ...sample, ...whose }),
    study: options.study ?? null,
    origin: await originOf(run),
  };
}

const missingRows =
  "there are no evaluation rows here, so that gates, counterfactuals and data are left out: run.report(data, { path }) adds them";

function configOf(run: Run): ReportFacts["config"] {
  try {
    return { text: run.model.toConfig() };
  } catch (error) {
    if (error instanceof PepnetError) return { refused: error.message };
    throw error;
  }
}

async function dataOf(
  run: Run,
  rows: Dataset | null,
  training: Dataset | null,
  described: boolean,
): Promise<ReportData[]> {
  const sets = [
    ...(rows === null ? [] : [{ use: "Evaluation rows", set: rows, against: training }]),
    ...(training === null ? [] : [{ use: "Training rows", set: training, against: null }]),
  ];
  const facts: ReportData[] = [];
  for (const { use, set, against } of sets) {
    const summary = described
      ? await set.describe({ model: run.model, ...(against === null ? {} : { against }) })
      : null;
    facts.push({
      use,
      source: withoutPlaces(set.table.source),
      rows: set.rows,
      sha256: await hashOf(await set.encode(run.spec)),
      notes: set.notes.map(withoutPlaces),
      // The chart has the rates.
      tables: summary?.tables().slice(-1) ?? [],
      charts: summary === null || summary.labels.length === 0 ? [] : [await summary.labelsChart()],
    });
  }
  return facts;
}

async function hashOf(encoded: EncodedRows): Promise<string | null> {
  const { encodedHash, isStreamed } = await import("../../data/index.js");
  return isStreamed(encoded) ? null : encodedHash(encoded);
}

/** A page is sent to others: of a path its folder and name, not where it lies on this machine. */
function withoutPlaces(text: string): string {
  return text.replace(/(?:\/|[A-Za-z]:\\)(?:[^\s/\\]+[/\\])+([^\s/\\]+[/\\][^\s/\\]+)/g, "$1");
}

async function originOf(run: Run): Promise<ReportFacts["origin"]> {
  const packages = keyPackages.flatMap((name): [string, string][] => {
    const found = packageVersionIn(__dirname, name);
    return found === null ? [] : [[name, found]];
  });
  const { platform, cpu, cores, memoryGb } = machine();
  return {
    versions: Object.fromEntries([["pepnet", ownVersion()], ["node", process.versions.node], ...packages]),
    seeds: [{ use: "training", seed: run.spec.training.seed }],
    engine: await run.engineName(),
    machine: `${platform}, ${cpu}, ${cores} cores, ${memoryGb} GB`,
    written: new Date().toISOString(),
  };
}

function assertSections(given: readonly string[] | undefined, known: readonly string[]): void {
  const wrong = given?.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new DataError({
    path: "run.report: sections",
    message: "a report has no such section",
    received: JSON.stringify(wrong),
    expected: `some of ${known.join(", ")}`,
  });
}

function ownVersion(): string {
  return (require("../../../package.json") as { version: string }).version;
}

/** A report may be written anew, as a cell that runs again does; another file may not be lost, unless that is asked for. */
async function assertPlace(file: string, { overwrite }: Pick<ReportOptions, "overwrite">): Promise<void> {
  if (overwrite === true) return;
  const { reportMark: mark } = await import("../../report/index.js");
  const there = await stat(file).catch(() => null);
  if (there === null) return;
  const isReport = there.isFile() && (await startOf(file)).includes(mark);
  if (isReport) return;
  throw new DataError({
    path: file,
    message: "there is something else at this path, which a report would replace",
    received: there.isFile() ? "a file that is no report" : kindOfFile(there),
    expected: "a new path, or an earlier report",
    fix: there.isFile() ? "another path, or run.report(data, { path, overwrite: true })" : "a path of a file",
  });
}

async function startOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function writePage(file: string, html: string): Promise<void> {
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    await writeFileWhole(file, html);
  } catch (cause) {
    const received = (cause as Error).message;
    const fix = "check the folder's rights and the free space";
    throw new DataError({ path: file, message: "cannot write the report", received, fix }, { cause });
  }
}
