/** The base of results: a display, and one list of typed columns for table, rows, danfo frame, Markdown and JSON. */
import { inspect } from "node:util";
import { isDate } from "node:util/types";
import type { DanfoFrame, FrameClass } from "../core/data/table/danfo.js";
import { type MimeBundle, notebookDisplay, showBy } from "../core/port/notebook.js";
import { count, visible } from "../core/util/text.js";
import type { Cell } from "../lab/views/format.js";
import type * as Tables from "../lab/views/index.js";
import type { Chart, Figure, Sheet, SheetColumn, SheetRecord } from "../lab/views/view.js";

/** One output in several formats, by MIME type. */
export type DisplayBundle = MimeBundle;

/**
 * A value with a notebook display, for the end of a cell. Other classes can do the same without this base class:
 * @example class Note { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>hello</b>" }; } }
 */
export abstract class Displayable {
  /** The MIME bundle that a notebook shows. `png: false`: without the still picture of a chart, which takes 40 to 400 ms. */
  abstract bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle>;

  /** The text of a terminal, which `console.log` prints too, even within arrays and objects. */
  abstract toString(): string;

  /** The outputs of a notebook, one below the other, each drawn by the page. Default: the bundle. @internal */
  async outputs(): Promise<readonly DisplayBundle[]> {
    return [await this.bundle()];
  }
}

Object.defineProperty(Displayable.prototype, inspect.custom, {
  value: function (this: Displayable): string {
    return visible(this.toString());
  },
});
showBy(Displayable, async function () {
  const outputs = (await this.outputs()).map(withVisibleText);
  for (const bundle of outputs.slice(0, -1)) notebookDisplay()?.display(bundle);
  return outputs.at(-1)!;
});

/** Front ends execute terminal escapes in a text. */
function withVisibleText(bundle: DisplayBundle): DisplayBundle {
  const text = bundle["text/plain"];
  return typeof text === "string" ? { ...bundle, "text/plain": visible(text) } : bundle;
}

/** The JSON form of a result. */
export interface ResultJson {
  /** A caption for the rows; `null`: none. */
  readonly caption: string | null;
  readonly notes: readonly string[];
  readonly rows: readonly SheetRecord[];
}

/** A result, shown at the end of a cell. */
export abstract class Result extends Displayable {
  /** Notes for readers, one sentence each. */
  readonly notes: readonly string[];

  /** @internal */
  constructor(notes: readonly string[] = []) {
    super();
    this.notes = notes;
  }

  /** The numbers as typed columns. @internal */
  abstract sheet(): Sheet;

  /** The numbers as a table for people: headings, rounded numbers. */
  table(): TableOutput {
    return new TableOutput(this.sheet(), this.notes);
  }

  /** The numbers as one record per row, under snake_case names, in full precision. */
  rows(): readonly SheetRecord[] {
    return tables().sheetRecords(this.sheet());
  }

  /**
   * {@link Result.rows} as a danfo DataFrame. Install danfo yourself; throws a DataError with the install command if
   * danfo is missing.
   * @param frameClass danfo's `DataFrame`, for its own type (or name the type: `toDanfo<DataFrame>()`)
   */
  toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    return recordsFrame(this.rows(), frameClass);
  }

  /** {@link Result.rows} as a Parquet file, for pandas, Polars or `dataset`; returns its path. */
  async toParquet(path: string): Promise<string> {
    const { openTable } = await import("../core/data/table/open.js");
    return (await openTable(this.rows())).toParquet(path);
  }

  /** The table and the notes, for a pull request or a report. */
  toMarkdown(): string {
    const { bulletsMarkdown, sheetTable, tableMarkdown } = tables();
    const parts = [tableMarkdown(sheetTable(this.sheet())), bulletsMarkdown(this.notes)];
    return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  }

  /** The table and the notes, as a terminal shows them. */
  override toString(): string {
    const { sheetTable, tableText } = tables();
    return withNotes(tableText(sheetTable(this.sheet())), this.notes);
  }

  /** What `JSON.stringify` writes: caption, notes and rows. */
  toJSON(): ResultJson {
    const sheet = this.sheet();
    return { caption: sheet.caption, notes: this.notes, rows: tables().sheetRecords(sheet) };
  }

  /** The table with the notes. */
  async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../lab/render/bundle.js");
    const bundle = tableBundle(tables().sheetTable(this.sheet()));
    return {
      ...bundle,
      "text/html": `${bundle["text/html"]}${await notesHtml(this.notes)}`,
      "text/plain": this.toString(),
    };
  }
}

/** A result that a notebook shows as a chart. */
export abstract class ResultWithChart extends Result {
  /** The numbers as a chart. */
  abstract chart(): Promise<ChartOutput>;

  /** The chart; as text its table and the notes. */
  override async bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle> {
    const bundle = await (await this.chart()).bundle(options);
    return { ...bundle, "text/plain": withNotes(String(bundle["text/plain"]), this.notes) };
  }
}

/** Facts as members of a result. Their number of rows is `rowCount`, since `rows()` returns records. */
type Members<Facts> = Omit<Facts, "rows" | "notes"> &
  (Facts extends { readonly rows: number } ? { readonly rowCount: number } : unknown) & {
    /** The numbers as plain data, as charts and reports read them. */
    readonly facts: Facts;
  };

/** Its sheet is not abstract. */
interface WithSheet {
  sheet(): Sheet;
}

/** The base class of results that consist of facts, which are its members. */
export type FactsBase<Facts> = abstract new (
  facts: Facts,
  notes?: readonly string[],
) => Result & WithSheet & Members<Facts>;

export type ChartedFactsBase<Facts> = abstract new (
  facts: Facts,
  notes?: readonly string[],
) => ResultWithChart & WithSheet & Members<Facts>;

interface Facts {
  readonly rows?: number;
  readonly notes?: readonly string[];
}

function withFacts(Base: typeof Result, sheet: keyof typeof Tables | undefined) {
  abstract class FactsResult extends Base {
    constructor(facts: Facts, notes: readonly string[] = facts.notes ?? []) {
      super(notes);
      const { rows, notes: _, ...members } = facts;
      Object.assign(this, { facts, ...members }, rows === undefined ? {} : { rowCount: rows });
    }

    sheet(): Sheet {
      return (tables()[sheet!] as (facts: unknown) => Sheet)((this as unknown as { facts: unknown }).facts);
    }
  }
  return FactsResult;
}

/** The views that make a sheet of these facts. */
type SheetName<F> = {
  [Name in keyof typeof Tables]: (typeof Tables)[Name] extends (facts: F) => Sheet ? Name : never;
}[keyof typeof Tables];

/**
 * The base class of results of these facts. A class extends a constant of it; the constant's type declares the facts.
 * @param sheet of the numbers; without it, the class has its own
 */
export function factsBase<F>(sheet?: SheetName<F>): FactsBase<F> {
  return withFacts(Result, sheet) as never;
}

export function chartedFactsBase<F>(sheet?: SheetName<F>): ChartedFactsBase<F> {
  return withFacts(ResultWithChart, sheet) as never;
}

/** A table with a notebook display. Made by {@link Result.table} and {@link table}. */
export class TableOutput extends Result {
  readonly #sheet: Sheet;

  /** Use {@link table}. @internal */
  constructor(sheet: Sheet, notes: readonly string[] = []) {
    super(notes);
    this.#sheet = sheet;
  }

  /** Above the table; `null`: none. */
  get caption(): string | null {
    return this.#sheet.caption;
  }

  /** @internal */
  sheet(): Sheet {
    return this.#sheet;
  }
}

/** A chart with a notebook display and the table of its numbers. */
export class ChartOutput extends ResultWithChart {
  /** The finding, in a few words. */
  readonly title: string;
  /** The subject of the finding, and what else the chart shows; `null`: nothing more. */
  readonly subtitle: string | null;
  /** Plotly's JSON, which notebooks draw. */
  readonly figure: Figure;
  readonly #chart: Chart;

  /** Made by `chart()` of results. @internal */
  constructor(chart: Chart) {
    super();
    this.title = chart.title;
    this.subtitle = chart.subtitle ?? null;
    this.figure = chart.figure;
    this.#chart = chart;
  }

  /** @internal */
  sheet(): Sheet {
    const { table, title, times } = this.#chart;
    const caption = table.caption === undefined ? { text: title, measured: times?.title ?? [] } : undefined;
    return tables().tableSheet(table, caption);
  }

  /** Returns the chart as plain data: title, figure and table. */
  toChart(): Chart {
    return this.#chart;
  }

  /** The chart itself. */
  async chart(): Promise<ChartOutput> {
    return this;
  }

  /**
   * The figure as an HTML page that opens from disk: 0.7 MB, because it includes plotly.js. A page that already has
   * plotly.js can draw `figure`.
   * @example
   * const run = await loadRun("runs/first");
   * const page = await (await run.chart()).html();
   */
  async html(): Promise<string> {
    const { figureHtml } = await import("../lab/render/figure-html.js");
    return figureHtml(this.figure);
  }

  /** The figure, a static picture for viewers that cannot draw it, and the table as text. */
  override async bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle> {
    const { chartBundle } = await import("../lab/render/bundle.js");
    return chartBundle(this.#chart, options);
  }
}

async function notesHtml(notes: readonly string[]): Promise<string> {
  const { escapeHtml } = await import("../core/util/escape.js");
  return notes.map((note) => `<p style="font-size:13px">note: ${escapeHtml(note)}</p>`).join("");
}

/** Tables, one below the other, with notes above. */
export async function sheetsBundle(sheets: readonly Sheet[], notes: readonly string[] = []): Promise<DisplayBundle> {
  const html = sheets.map((sheet) => tables().tableHtml(tables().sheetTable(sheet)));
  return { "text/html": (await notesHtml(notes)) + html.join(""), "text/plain": sheetsText(sheets, notes) };
}

export function sheetsText(sheets: readonly Sheet[], notes: readonly string[] = [], width?: number): string {
  const texts = sheets.map((sheet) => tables().tableText(tables().sheetTable(sheet), { width }));
  return [...notes.map((note) => `note: ${note}`), ...texts].join("\n\n");
}

function withNotes(text: string, notes: readonly string[]): string {
  return notes.length === 0 ? text : `${text}\n\n${notes.map((note) => `note: ${note}`).join("\n")}`;
}

/** The class of frames: the caller's, else danfo's. Throws a DataError if danfo is not installed. */
export async function loadFrameClass<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<FrameClass<Frame>> {
  if (frameClass !== undefined) return frameClass;
  const { loadDanfo } = await import("../core/data/table/danfo.js");
  return loadDanfo() as FrameClass<Frame>;
}

/** Records as a frame. Throws a DataError if danfo is not installed. */
async function recordsFrame<Frame = DanfoFrame>(records: readonly SheetRecord[], frameClass?: FrameClass<Frame>) {
  const Frame = await loadFrameClass(frameClass);
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return new Frame(Object.fromEntries(names.map((name) => [name, records.map((record) => record[name] ?? null)])));
}

/** `src/lab/views`. */
export function tables(): typeof Tables {
  return require("../lab/views/index.js");
}

const printed = new Set<string>();

/** Prints the notes that this process has not printed yet, and the number of the others. */
export function printNotes(notes: readonly string[]): void {
  const fresh = [...new Set(notes)].filter((note) => !printed.has(note));
  for (const note of fresh) printed.add(note);
  const again = new Set(notes).size - fresh.length;
  const lines = [...fresh.map(visible), ...(again > 0 ? [`${count(again, "note")} as before`] : [])];
  if (lines.length === 1) console.log(lines[0]);
  else if (lines.length > 1) console.log(["notes:", ...lines.map((line) => `- ${line}`)].join("\n"));
}

/** Rows by column name: numbers, texts, booleans, dates, lists or no value. */
export type TableRows = readonly Readonly<Record<string, unknown>>[];

/**
 * Shows rows as a table at the end of a cell; a column appears if any row has it. Fractions are rounded to `digits`
 * digits.
 * @example
 * const runs = [await model.fit(data, { seed: 1 }), await model.fit(data, { seed: 2 })];
 * table(runs.map((run, i) => ({ seed: i, ctr: run.evaluation?.auc("ctr") ?? null })), "Two seeds");
 * table(await data.head(3));
 */
export function table(rows: TableRows, caption: string | null = null, digits = 4): TableOutput {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isFraction = (name: string): boolean =>
    rows.some((row) => typeof row[name] === "number" && !Number.isInteger(row[name]));
  const columns = names.map((name): SheetColumn => {
    return { key: name, heading: name, kind: "any", digits: isFraction(name) ? digits : null };
  });
  return new TableOutput({ caption, columns, rows: rows.map((row) => names.map((name) => toCell(row[name]))) });
}

/** A value as a cell: dates as ISO text, lists and objects as JSON. */
export function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return String(value);
  if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return JSON.stringify(value) ?? String(value);
}
