/** The saved runs of a folder, as a table with their curves. */
import path from "node:path";
import { DataError } from "../core/errors/index.js";
import type { ModelSpec } from "../core/spec/model.js";
import { assetText, packageVersion } from "../core/util/files/package-root.js";
import { getOrMake } from "../core/util/growing.js";
import type { IndexedRun } from "../lab/views/studies/saved-runs.js";
import type { Sheet } from "../lab/views/view.js";
import { assertPlace, type ReportResult, writePage } from "./report.js";
import type { StudyReportOptions } from "./report-options.js";
import { ChartOutput, type DisplayBundle, ResultWithChart, tables } from "./result.js";

const HASH = 12;
/** Differences of a list of values that are named one by one, such as those of a fitted vocabulary. */
const LISTED = 8;

/** Saved runs. Shown as a table whose columns sort, and the curves below it. */
export class RunIndex extends ResultWithChart {
  readonly folder: string;
  readonly runs: readonly IndexedRun[];

  /** Use {@link runs}. @internal */
  constructor(folder: string, indexed: readonly IndexedRun[]) {
    super();
    this.folder = folder;
    this.runs = indexed;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().indexedRunsSheet(this.#title(), this.runs);
  }

  /** Relative to the working folder, or only the last two names: a page is sent to others. */
  #title(): string {
    const near = path.relative(".", this.folder);
    const isBelow = !near.startsWith("..") && !path.isAbsolute(near);
    return `Runs in ${isBelow ? near || "." : path.join(path.basename(path.dirname(this.folder)), path.basename(this.folder))}`;
  }

  /** The AUC of every run during training, a panel per task. */
  async chart(): Promise<ChartOutput> {
    return new ChartOutput(tables().indexedRunsChart(this.runs));
  }

  override async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../lab/render/bundle.js");
    const bundle = tableBundle(tables().sheetTable(this.sheet()), { sortable: true, maxRows: 1000 });
    return {
      ...bundle,
      "text/html": `${bundle["text/html"]}<script>${assetText("lab/render/assets/tables.js")}</script>`,
    };
  }

  /** The table, and the chart below, which follows the page's theme. @internal */
  override async outputs(): Promise<readonly DisplayBundle[]> {
    return [await this.bundle(), await (await this.chart()).bundle()];
  }

  /** Writes table and curves as one HTML page. Throws a DataError if the path is another file, without `overwrite`. */
  async report(options: StudyReportOptions): Promise<ReportResult> {
    const { path: file, title = this.#title() } = options;
    const { sectionsPage } = await import("../lab/report/page.js");
    await assertPlace(file, options.overwrite);
    const chart = (await this.chart()).toChart();
    const table = { kind: "table", table: tables().sheetTable(this.sheet()), sortable: true } as const;
    const sections = [
      { name: "runs", title: "Results and settings", blocks: [table] },
      { name: "curves", title: "Curves", blocks: [{ kind: "chart", chart } as const] },
    ];
    return writePage(file, await sectionsPage(title, sections, packageVersion()));
  }
}

/**
 * The saved runs at and below a folder: when each was saved, steps, AUC by task, loss, how its config differs from the
 * first one's, and the hash of its training rows. For several runs of one model, which differ in their seeds, also the
 * mean with an interval over other trainings. Runs that cannot be read are listed with the reason; weights are not
 * read. Throws a DataError if the folder cannot be read or has no runs.
 */
export async function runs(folder: string): Promise<RunIndex> {
  const { findRuns } = await import("../core/train/saved/run.js");
  const { effectiveSpec } = await import("../lab/ablation/effective-spec.js");
  const { sha256 } = await import("../core/util/files/checksums.js");
  const places = await findRuns(folder).catch((cause: Error) => {
    throw new DataError(
      { path: folder, message: "the folder cannot be read", received: cause.message, fix: "pass a folder of runs" },
      { cause },
    );
  });
  if (places.length === 0) {
    throw new DataError({
      path: folder,
      message: "the folder has no runs",
      expected: "folders that run.save() or `pepnet train --out` wrote",
      fix: `pepnet train --config pipeline.config --out ${path.join(folder, "first")}`,
    });
  }
  const indexed: IndexedRun[] = [];
  const { readRunFacts } = await import("../core/train/saved/run.js");
  let first: ModelSpec | null = null;
  for (const place of places) {
    const name = path.relative(folder, place) || path.basename(path.resolve(folder));
    const facts = await readRunFacts(place).catch(({ message }: Error) => message.trim().replace(/\s*\n\s*/g, "; "));
    if (typeof facts === "string") {
      indexed.push({ ...NOTHING, name, problem: facts });
      continue;
    }
    first ??= facts.spec;
    indexed.push({
      name,
      history: facts.history,
      evaluation: facts.evaluation,
      problem: null,
      saved: facts.saved.toISOString().slice(0, 16).replace("T", " "),
      differences: await configDifferences(first, facts.spec),
      data: facts.dataDigest?.slice(0, HASH) ?? null,
      model: sha256(JSON.stringify([effectiveSpec(facts.spec), facts.dataDigest])),
    });
  }
  return new RunIndex(folder, indexed);
}

const NOTHING = { saved: null, history: null, evaluation: null, differences: null, data: null, model: null } as const;

/** As in `pepnet config diff`; for models that no config can describe, the reason. */
async function configDifferences(first: ModelSpec, spec: ModelSpec): Promise<readonly string[]> {
  const { configFromSpec } = await import("../core/config/config-from-spec.js");
  const { diffConfigs } = await import("../core/config/pipeline/diff-configs.js");
  if (first === spec) return [];
  try {
    const byList = new Map<string, string[]>();
    for (const { path: place, before, after } of diffConfigs(configFromSpec(first), configFromSpec(spec))) {
      const texts = getOrMake(byList, place.replace(/\[\d+\]$/, ""), () => [] as string[]);
      texts.push(`${place}: ${settingText(before)} → ${settingText(after)}`);
    }
    return [...byList].flatMap(([list, texts]) =>
      texts.length > LISTED ? [`${list}: ${texts.length} values differ`] : texts,
    );
  } catch (error) {
    return [`no config describes it: ${(error as Error).message.split("\n", 1)[0]}`];
  }
}

function settingText(value: unknown): string {
  if (value === undefined) return "default";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
