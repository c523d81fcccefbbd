/** What gamma does: the curve of a gate, and the gates of models trained with three gammas beside it. */

import type { Run } from "../../src/api/run/run.js";
import { takeRows } from "../../src/core/data/encoded/streamed.js";
import { defaultRows, sampleRows } from "../../src/lab/gates/sample.js";
import { compose, type Panel, xAxis, yAxis } from "../../src/lab/views/compose.js";
import { line, rule } from "../../src/lab/views/lines.js";
import { colour, MAX_COLOURS, rounded } from "../../src/lab/views/theme.js";
import type { PlotlyTrace } from "../../src/lab/views/view.js";
import { exampleModel } from "./example.js";
import { type Picture, percent } from "./picture.js";
import { type Trained, withGamma } from "./trained.js";

const gammas = [1, 2, 4] as const;
const steps = 81;
const bins = 50;

export async function gamma(trained: Trained): Promise<Picture> {
  const runs = await Promise.all(gammas.map((value) => runOf(trained, value)));
  const measured = await Promise.all(runs.map((run, index) => measure(run, gammas[index] as number)));
  const range = [-0.1, 4.1];
  const panels: Panel[] = [
    {
      title: "gamma · sigmoid(a)",
      marks: [unchanged(-6, 6), ...gammas.map(curve)],
      xaxis: xAxis("a, the second layer's output", { range: [-6, 6], nticks: 5 }),
      yaxis: yAxis("gate", { range, nticks: 6 }),
    },
    {
      title: "EPNet's gates after training",
      marks: [unchanged(0, 1), ...measured.map(below)],
      xaxis: xAxis("share of gates below", { range: [0, 1], tickformat: ".0%", nticks: 5 }),
      yaxis: { range, nticks: 6, showticklabels: false },
      left: 20,
    },
  ];
  const first = (await (await trained.untrained()).gates(undefined, { details: false })).gates[0]?.overall.quantiles;
  const title = "A gate begins near gamma / 2 and stays between 0 and gamma; with gamma 1 it can only damp";
  const said = measured.map(({ mean }) => mean.toFixed(2));
  return {
    chart: { title, figure: compose({ title, rows: [{ height: 300, panels }] }) },
    says: {
      start: `90% of the example's EPNet gates start between ${first?.[0]?.toFixed(2)} and ${first?.[4]?.toFixed(2)}`,
      means: `the mean of EPNet's gates is ${said[0]}, ${said[1]} and ${said[2]} with gamma 1, 2 and 4`,
      open: `${percent(measured[0]?.open)} of the gates are within 5% of their ceiling with gamma 1`,
      amplified: `${percent(measured[1]?.above)} are above 1 with gamma 2, ${percent(measured[2]?.above)} with gamma 4`,
    },
  };
}

function runOf(trained: Trained, value: number): Promise<Run> {
  return value === 2 ? trained.pepnet() : trained.fit(`gamma ${value}`, withGamma(exampleModel(), value));
}

interface Measured {
  /** Upper edges of the bins. */
  readonly edges: readonly number[];
  /** Share of the values below each. */
  readonly ecdf: readonly number[];
  readonly mean: number;
  /** Share above 1. */
  readonly above: number;
  /** Share above 95% of gamma. */
  readonly open: number;
}

async function measure(run: Run, top: number): Promise<Measured> {
  const { gates } = await run.gates(undefined, { details: false });
  const { mean, open } = (gates[0] as (typeof gates)[number]).overall;
  const values = (await epnetGates(run)).sort();
  const edges = Array.from({ length: bins }, (_, bin) => ((bin + 1) * top) / bins);
  const ecdf = edges.map((edge, bin) => (bin === bins - 1 ? 1 : shareBelow(values, edge)));
  const upToOne = edges.findIndex((edge) => edge > 1 - 1e-9);
  return { edges, ecdf, mean, above: 1 - (ecdf[upToOne] ?? 1), open };
}

/** Of the rows that `run.gates()` samples. */
async function epnetGates(run: Run): Promise<Float32Array> {
  const rows = await run.validation!.encode(run.spec);
  const numbers = sampleRows(rows.rows, defaultRows, run.spec.training.seed, "gates");
  const { data, rows: sample } = await takeRows(rows, numbers);
  return (await run.subject().engine.use((engine) => engine.gates({ data, rows: sample })))[0]!.values;
}

/** @param values sorted */
function shareBelow(values: Float32Array, edge: number): number {
  const first = values.findIndex((value) => value >= edge);
  return first < 0 ? 1 : first / values.length;
}

function curve(value: number, index: number): PlotlyTrace {
  const x = Array.from({ length: steps }, (_, step) => rounded(-6 + (12 * step) / (steps - 1)));
  const y = x.map((a) => rounded(value / (1 + Math.exp(-a))));
  const legend = { name: `gamma ${value}` };
  return line({ x, y, color: colour(index, MAX_COLOURS), width: 2.5, legend, hover: "none" });
}

function below({ edges, ecdf }: Measured, index: number): PlotlyTrace {
  const [x, y] = [ecdf, edges].map((values) => [0, ...values.map(rounded)]) as [number[], number[]];
  return line({ x, y, color: colour(index, MAX_COLOURS), width: 2.5, hover: "none" });
}

/** Where a gate leaves its input unchanged. */
function unchanged(from: number, to: number): PlotlyTrace {
  return rule({ from: [from, 1], to: [to, 1] });
}
