/** A dial without a kernel: its charts and tables for a grid of gammas, as a page with sliders. */
import { DataError, type Problem, SpecError } from "../../errors/index.js";
import type { Frames, FramesControl, FramesTable } from "../../render/frames.js";
import type { Figure, Sheet } from "../../views/view.js";
import { type ChartOutput, tables } from "../result.js";
import { DialCalls, type DialGammas } from "./widget.js";

/** The gammas of a dial's page. */
export interface DialGrid {
  readonly epnet?: readonly number[];
  readonly ppnet?: readonly number[];
}

/** Options of a dial's page. */
export interface DialReportOptions {
  /** Path of the page. */
  readonly path: string;
  /** Gammas of each module; the trained one is always included. Default: 7 from a quarter to twice the trained one. */
  readonly gammas?: DialGrid;
  /** Default: a sentence that says what it shows. */
  readonly title?: string;
  /** `true`: overwrite any file. Default: only an existing report. */
  readonly overwrite?: boolean;
  /** Aborts the call, which throws and writes no page. In a notebook an interrupt does this. */
  readonly signal?: AbortSignal;
}

const defaultFactors = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const allDomains = "all domains";

/** A dial at some gammas. */
export interface FramedDial {
  readonly trained: DialGammas;
  readonly towers: readonly string[];
  readonly domainNames: readonly string[];
  sheet(): Sheet;
  gammaCharts(calls: DialCalls): Promise<readonly ChartOutput[]>;
  partCharts(
    part: { readonly tower: string; readonly domain: string | undefined },
    calls: DialCalls,
  ): Promise<readonly ChartOutput[]>;
}

/** A dial, and how to have it at other gammas. */
export interface FramesQuestion {
  readonly dial: FramedDial;
  readonly gammas: DialReportOptions["gammas"];
  readonly signal: AbortSignal | undefined;
  at(gammas: DialGammas): Promise<FramedDial>;
}

/** Computes all frames: a prediction per pair of gammas. */
export async function dialFrames({ dial, gammas, signal, at }: FramesQuestion): Promise<Frames> {
  const { towers, domainNames } = dial;
  const grid = gammaGrid(dial.trained, gammas);
  const calls = new DialCalls();
  const captions: FramesTable[] = [];
  const byGamma: Figure[][] = [];
  const byPart: Figure[][] = [];
  for (const epnet of grid.epnet) {
    for (const ppnet of grid.ppnet) {
      signal?.throwIfAborted();
      const view = await at({ epnet, ppnet });
      captions.push(textTable(view.sheet()));
      byGamma.push((await view.gammaCharts(calls)).map(({ figure }) => figure));
      for (const tower of towers) {
        for (const domain of [undefined, ...domainNames]) {
          byPart.push((await view.partCharts({ tower, domain }, calls)).map(({ figure }) => figure));
        }
      }
    }
  }
  return {
    controls: controls(dial, grid),
    parts: [
      { by: [0, 1], items: captions },
      ...columns(byPart).map((items) => ({ by: [0, 1, 2, 3], items })),
      ...columns(byGamma).map((items) => ({ by: [0, 1], items })),
    ],
    code: ["await dial.set({ ", " });"],
  };
}

/** The figures of each place that all frames have, by frame. */
function columns(frames: readonly (readonly Figure[])[]): Figure[][] {
  const places = Math.min(...frames.map(({ length }) => length));
  return Array.from({ length: places }, (_, place) => frames.map((figures) => figures[place]!));
}

interface Grid {
  readonly epnet: readonly (number | null)[];
  readonly ppnet: readonly (number | null)[];
}

/** The gammas of each module, ascending; `[null]` for a module that the model lacks. */
function gammaGrid(trained: DialGammas, gammas: DialReportOptions["gammas"] = {}): Grid {
  const problems: Problem[] = [];
  const grid = (module: "epnet" | "ppnet"): readonly (number | null)[] => {
    const gamma = trained[module];
    const choice = gammas[module];
    const path = `dial.report: gammas.${module}`;
    if (gamma === null && choice !== undefined) problems.push({ path, message: "the model does not have this module" });
    if (gamma === null) return [null];
    const values = choice ?? defaultFactors.map((factor) => Number((factor * gamma).toPrecision(3)));
    const bad = values.filter((value) => !(value > 0 && Number.isFinite(value)));
    if (bad.length > 0) {
      problems.push({
        path,
        message: "must be positive numbers",
        received: bad.join(", "),
        expected: "such as [1, 2, 4]",
      });
    }
    return [...new Set([gamma, ...values])].sort((a, b) => a - b);
  };
  const all = { epnet: grid("epnet"), ppnet: grid("ppnet") };
  if (problems.length > 0) throw new SpecError(problems);
  return all;
}

/** The sliders and pickers. */
function controls({ trained, towers, domainNames }: FramedDial, { epnet, ppnet }: Grid): FramesControl[] {
  const slider = (label: string, setting: "epnet" | "ppnet", values: readonly (number | null)[]): FramesControl => ({
    label,
    kind: "slider",
    values: values.map(String),
    at: values.indexOf(trained[setting]),
    setting: trained[setting] === null ? null : setting,
  });
  return [
    slider("gamma of EPNet", "epnet", epnet),
    slider("gamma of PPNet", "ppnet", ppnet),
    { label: "task", kind: "select", values: towers, at: 0, setting: null },
    { label: "domain", kind: "select", values: [allDomains, ...domainNames], at: 0, setting: null },
  ];
}

function textTable(sheet: Sheet): FramesTable {
  const { cellText, sheetTable } = tables();
  const { caption = "", columns, rows } = sheetTable(sheet);
  return {
    caption,
    columns: columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((cell, c) => cellText(cell, columns[c]!))),
  };
}

/** Throws a DataError that names a smaller grid. */
export function tooLarge({ epnet, ppnet }: DialGammas): DataError {
  const list = (module: string, gamma: number | null): string[] =>
    gamma === null ? [] : [`${module}: [${gamma / 2}, ${gamma}]`];
  return new DataError({
    path: "dial.report",
    message: "the page would be too large",
    received: "more than 6 MB of frames",
    expected: "fewer gammas, tasks or domains",
    fix: `dial.report({ path, gammas: { ${[...list("epnet", epnet), ...list("ppnet", ppnet)].join(", ")} } })`,
  });
}
