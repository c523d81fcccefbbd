/** `run.report(data, { path })` and `study.report({ path })`: one HTML page that opens from disk. */
import { DataError } from "../../errors/index.js";
import type { Frames } from "../../render/index.js";
import type { DatasetSource } from "../data/index.js";
import { gatherFacts, packageVersion } from "./gather.js";
import type { ReportedRun, ReportedStudy, ReportOptions, StudyReportOptions } from "./options.js";
import { assertPlace, writePage } from "./place.js";
import { ReportResult } from "./result.js";

/** Writes the report of a run. */
export async function writeReport(
  run: ReportedRun,
  data: DatasetSource | null,
  options: ReportOptions,
): Promise<ReportResult> {
  const { path, sections, pictures } = options;
  const { reportPage, sectionNames, suggestions } = await import("../../report/index.js");
  assertSections(sections, sectionNames);
  // Fail before minutes of work.
  await assertPlace(path, options.overwrite);
  const facts = await gatherFacts(run, data, options);
  const advice = suggestions(facts);
  const html = await reportPage(facts, advice, { sections, pictures });
  await writePage(path, html);
  return new ReportResult(path, Buffer.byteLength(html), advice);
}

/** Writes the report of a study. */
export async function writeStudyReport(study: ReportedStudy, options: StudyReportOptions): Promise<ReportResult> {
  const { path, title = "Variants compared with the model" } = options;
  const { sectionsPage, studyBlocks } = await import("../../report/index.js");
  await assertPlace(path, options.overwrite);
  const section = { name: "ablation", title: "Verdicts", blocks: studyBlocks(study.facts) };
  const html = await sectionsPage(title, [section], packageVersion(), options);
  await writePage(path, html);
  return new ReportResult(path, Buffer.byteLength(html), []);
}

/** Writes a page whose sliders choose between frames; `null`: it would be too large. */
export async function writeFrames(page: {
  readonly path: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly frames: Frames;
}): Promise<ReportResult | null> {
  const { packFrames } = await import("../../render/index.js");
  const { framesPage } = await import("../../report/index.js");
  const packed = packFrames(page.frames);
  if (packed === null) return null;
  const html = await framesPage({ ...page, packed, version: packageVersion() });
  await writePage(page.path, html);
  return new ReportResult(page.path, Buffer.byteLength(html), [], packed);
}

function assertSections(sections: readonly string[] | undefined, names: readonly string[]): void {
  const unknown = sections?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new DataError({
    path: "run.report: sections",
    message: "unknown section",
    received: JSON.stringify(unknown),
    expected: `one or more of ${names.join(", ")}`,
  });
}
