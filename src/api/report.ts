/** Writes reports as pages that open without a network. */
import { type Finding, ranked } from "../core/errors/finding.js";
import { DataError } from "../core/errors/index.js";
import { unknownName } from "../core/spec/validate/checks.js";
import { packageVersion } from "../core/util/files/package-root.js";
import { marked, measured } from "../core/util/measured.js";
import { size } from "../core/util/text.js";
import type { Frames } from "../lab/render/frames.js";
import { assertPagePlace, reportFile, writePageFile } from "../lab/render/page-file.js";
import type { Sheet } from "../lab/views/view.js";
import type { DatasetSource } from "./data/dataset.js";
import { gatherFacts } from "./report-facts.js";
import type { ReportedRun, ReportOptions, StudyReportOptions } from "./report-options.js";
import { type DisplayBundle, Result, tables } from "./result.js";
import type { ReportedStudy } from "./run/options.js";

export async function writeReport(
  run: ReportedRun,
  data: DatasetSource | null,
  options: ReportOptions,
): Promise<ReportResult> {
  const { path, sections } = options;
  const { reportPage } = await import("../lab/report/page.js");
  const { sectionNames } = await import("../lab/report/sections.js");
  const { judgedRun } = await import("../lab/report/judges/judges.js");
  const unknown = sections?.find((name) => !sectionNames.includes(name));
  if (unknown !== undefined) throw new DataError(unknownName("run.report: sections", "section", unknown, sectionNames));
  // Fail before minutes of work.
  await assertPlace(path, options.overwrite);
  const facts = await gatherFacts(run, data, options);
  const findings = ranked([...judgedRun(facts), ...facts.findings]);
  return writePage(path, await reportPage(facts, findings, { sections }), findings);
}

export async function writeStudyReport(study: ReportedStudy, options: StudyReportOptions): Promise<ReportResult> {
  const { path, title = "Variants compared with the model" } = options;
  const { sectionsPage } = await import("../lab/report/page.js");
  const { studyBlocks } = await import("../lab/report/sections.js");
  await assertPlace(path, options.overwrite);
  const section = { name: "ablation", title: "Verdicts", blocks: studyBlocks(study.facts) };
  return writePage(path, await sectionsPage(title, [section], packageVersion()));
}

export async function writeFrames(page: {
  readonly path: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly frames: Frames;
}): Promise<ReportResult | null> {
  const { packFrames } = await import("../lab/render/frames.js");
  const { framesPage } = await import("../lab/report/page.js");
  const packed = packFrames(page.frames);
  if (packed === null) return null;
  return writePage(page.path, await framesPage({ ...page, packed, version: packageVersion() }), [], packed);
}

/** Allows overwriting a report, for cells that run again; other files are protected unless `overwrite` is set. */
export async function assertPlace(file: string, overwrite = false): Promise<void> {
  if (!overwrite) await assertPagePlace(file, reportFile);
}

export async function writePage(
  file: string,
  html: string,
  findings: readonly Finding[] = [],
  frames: string | null = null,
): Promise<ReportResult> {
  await writePageFile(file, html, reportFile);
  return new ReportResult(file, Buffer.byteLength(html), findings, frames);
}

/** A written report. */
export class ReportResult extends Result {
  readonly path: string;
  readonly bytes: number;
  /** The findings of judges, with what may help; the worst first. */
  readonly findings: readonly Finding[];
  readonly #frames: string | null;

  /** Made by `run.report()`. @internal */
  constructor(path: string, bytes: number, findings: readonly Finding[], frames: string | null = null) {
    super();
    this.#frames = frames;
    this.path = path;
    this.bytes = bytes;
    this.findings = findings;
  }

  /** @internal */
  sheet(): Sheet {
    const caption = marked`${this.path}: ${measured(size(this.bytes))}, opens from disk`;
    return tables().findingsSheet(caption, this.findings);
  }

  /** The table; for the page of a dial also its frames, so that the page of a saved notebook has its sliders too. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    if (this.#frames === null) return bundle;
    const { framesMime } = await import("../lab/render/frames.js");
    return { ...bundle, [framesMime]: this.#frames };
  }
}
