/** The gates of a model on a seeded sample of rows: collected from the engine, summarised by domain. */
import type { EncodedData } from "../data/encoded.js";
import { type EncodedRows, measuredColumns, takeRows } from "../data/streamed.js";
import type { Engine, GateSite } from "../engine/engine.js";
import { domainName, featureWidth, groupFeatures, hasEpnet, type ModelSpec } from "../spec/index.js";
import { permutation, random } from "../util/random.js";
import { coldGates } from "./cold.js";
import { priorsOf } from "./priors.js";
import { type MeasuredGate, measureGate } from "./statistics.js";
import type { FieldGates, GatesReport } from "./types.js";

/** Which rows the statistics are over, and how much is asked of them. */
export interface GatesOptions {
  /** Rows sampled; all where there are fewer. Default 10,000. */
  readonly rows?: number;
  /** Of the sample. Default: the spec's training seed. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** `false` leaves out what users, items and other ids explain, which costs as much as the rest. Default: true. */
  readonly priors?: boolean;
  /** The training rows, to set rarely seen users and items apart. */
  readonly training?: EncodedRows;
}

const batchRows = 2048;

/**
 * Statistics of every gate by domain. The values come from the engine's own program, without dropout.
 * What they show is a description: gates differ between domains even where domains have no effect.
 */
export async function gatesReport(
  engine: Engine,
  allRows: EncodedRows,
  options: GatesOptions = {},
): Promise<GatesReport> {
  const { spec } = engine;
  const wanted = sampleRows(allRows.rows, options.rows ?? 10_000, options.seed ?? spec.training.seed, "gates");
  const { data, rows: sample } = await takeRows(allRows, wanted);
  const sites = await collect(engine, data, sample, options.signal);
  const domainCount = spec.domains?.count ?? 0;
  const byRow = data.domains;
  const domains = byRow === null || domainCount === 0 ? null : Int32Array.from(sample, (row) => byRow[row] as number);
  const priors = options.priors === false ? [] : priorsOf(spec, data, sample);
  const measured: MeasuredGate[] = [];
  for (const { site, values } of sites) {
    options.signal?.throwIfAborted();
    measured.push(measureGate(site, values, domains, domainCount, priors));
  }
  const training =
    options.training && (await measuredColumns(options.training, new Set(groupFeatures(spec, "uia") ?? [])));
  const epnet = measured.find(({ report }) => report.module === "epnet");
  return {
    rows: sample.length,
    domainNames: Array.from({ length: domainCount }, (_, domain) => domainName(spec, domain)),
    gates: measured.map(({ report }) => report),
    fields: epnet && hasEpnet(spec) ? fieldGates(spec, epnet.means) : [],
    cold: training === undefined ? [] : sites.flatMap((gate) => coldGates(spec, gate, data, sample, training)),
  };
}

/** So many rows drawn at random without replacement, ascending; the same for the same seed and name. */
export function sampleRows(rows: number, wanted: number, seed: number, name: string): Int32Array {
  return permutation(rows, random(seed).fork(name)).slice(0, wanted).sort();
}

/** A gate's values on the sample. */
export interface CollectedSite {
  readonly site: GateSite;
  /** [sample rows, units] */
  readonly values: Float32Array;
}

async function collect(
  engine: Engine,
  data: EncodedData,
  sample: Int32Array,
  signal: AbortSignal | undefined,
): Promise<readonly CollectedSite[]> {
  let sites: readonly CollectedSite[] = [];
  for (let start = 0; start < sample.length; start += batchRows) {
    signal?.throwIfAborted();
    const gates = await engine.gates({ data, rows: sample.slice(start, start + batchRows) });
    if (start === 0) {
      sites = gates.map(({ values: _, ...site }) => ({ site, values: new Float32Array(sample.length * site.units) }));
    }
    gates.forEach((gate, index) => {
      sites[index]?.values.set(gate.values, start * gate.units);
    });
  }
  return sites;
}

/** Columns of the `all` group's matrix that each of its fields takes. */
export function fieldColumns(spec: ModelSpec): readonly { field: string; start: number; end: number }[] {
  let column = 0;
  return (groupFeatures(spec, "all") ?? []).map((field) => {
    const feature = spec.features.find((candidate) => candidate.name === field);
    const start = column;
    column += feature === undefined ? 0 : featureWidth(feature);
    return { field, start, end: column };
  });
}

/** Mean EPNet gate of each field of the `all` group by domain: a field's gate is the mean over its columns. */
function fieldGates(spec: ModelSpec, means: MeasuredGate["means"]): readonly FieldGates[] {
  return fieldColumns(spec).map(({ field, start, end }) => ({
    field,
    means: means.map((units) => {
      const mean = units === null ? Number.NaN : sum(units.subarray(start, end)) / (end - start);
      return Number.isNaN(mean) ? null : mean;
    }),
  }));
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
