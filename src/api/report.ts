import { stat } from "node:fs/promises";
import path from "node:path";
import { DataError } from "../errors/index.js";
import type { Frames } from "../render/frames.js";
import type { Suggestion } from "../report/evaluation-rules.js";
import { unknownName } from "../spec/validate/checks.js";
import { makeFolders } from "../util/files/make-folders.js";
import { packageVersion } from "../util/files/package-root.js";
import { kindOfFile } from "../util/files/read-whole.js";
import { size } from "../util/text.js";
import { bytesAt, writeFileWhole } from "../util/write-whole.js";
import type { Sheet } from "../views/view.js";
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
  const { reportPage } = await import("../report/page.js");
  const { sectionNames } = await import("../report/sections.js");
  const { suggestions } = await import("../report/rules.js");
  const unknown = sections?.find((name) => !sectionNames.includes(name));
  if (unknown !== undefined) throw new DataError(unknownName("run.report: sections", "section", unknown, sectionNames));
  // Fail before minutes of work.
  await assertPlace(path, options.overwrite);
  const facts = await gatherFacts(run, data, options);
  const advice = suggestions(facts);
  return writePage(path, await reportPage(facts, advice, { sections }), advice);
}

export async function writeStudyReport(study: ReportedStudy, options: StudyReportOptions): Promise<ReportResult> {
  const { path, title = "Variants compared with the model" } = options;
  const { sectionsPage } = await import("../report/page.js");
  const { studyBlocks } = await import("../report/sections.js");
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
  const { packFrames } = await import("../render/frames.js");
  const { framesPage } = await import("../report/page.js");
  const packed = packFrames(page.frames);
  if (packed === null) return null;
  return writePage(page.path, await framesPage({ ...page, packed, version: packageVersion() }), [], packed);
}

const START_BYTES = 1024;

/** Allows overwriting a report, for cells that run again; other files are protected unless `overwrite` is set. */
export async function assertPlace(file: string, overwrite = false): Promise<void> {
  if (overwrite) return;
  const info = await stat(file).catch(() => null);
  if (info === null) return;
  const { reportMark: mark } = await import("../report/page.js");
  if (info.isFile() && bytesAt(file, 0, START_BYTES).includes(mark)) return;
  throw new DataError({
    path: file,
    message: "the path exists and is not a report",
    received: info.isFile() ? "a file that is not a report" : kindOfFile(info),
    expected: "a new path, or an earlier report",
    fix: info.isFile() ? "use another path, or overwrite: true" : "use the path of a file",
  });
}

/** Writes a page atomically: readers never see a partial file. */
export async function writePage(
  file: string,
  html: string,
  advice: readonly Suggestion[] = [],
  frames: string | null = null,
): Promise<ReportResult> {
  try {
    makeFolders(path.dirname(path.resolve(file)));
    await writeFileWhole(file, html);
  } catch (cause) {
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new DataError({ path: file, message: "cannot write the report", received, fix }, { cause });
  }
  return new ReportResult(file, Buffer.byteLength(html), advice, frames);
}

/** A written report. */
export class ReportResult extends Result {
  readonly path: string;
  readonly bytes: number;
  readonly suggestions: readonly Suggestion[];
  readonly #frames: string | null;

  /** Made by `run.report()`. @internal */
  constructor(path: string, bytes: number, suggestions: readonly Suggestion[], frames: string | null = null) {
    super();
    this.#frames = frames;
    this.path = path;
    this.bytes = bytes;
    this.suggestions = suggestions;
  }

  /** @internal */
  sheet(): Sheet {
    const { col, sheetFrom } = tables();
    return sheetFrom(`${this.path}: ${size(this.bytes)}, opens from disk`, this.suggestions, [
      col.text("seen", ({ seen }) => seen),
      col.text(["next", "what may help"], ({ next }) => next),
    ]);
  }

  /** The table; the frames of a dial's page, so that the page of a saved notebook has its sliders too. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    if (this.#frames === null) return bundle;
    const { framesMime } = await import("../render/frames.js");
    return { ...bundle, [framesMime]: this.#frames };
  }
}
