/** The gates of a model on a seeded sample of rows: collected from the engine, summarised by domain. */
import type { EncodedData } from "../data/encoded.js";
import { type EncodedRows, takeRows } from "../data/streamed.js";
import type { Engine, GateSite } from "../engine/engine.js";
import { domainName, featureWidth, groupFeatures, hasEpnet, type ModelSpec } from "../spec/index.js";
import { permutation, random } from "../util/random.js";
import { gateReport, unitMeans } from "./statistics.js";
import type { FieldGates, GatesReport } from "./types.js";

/** Which rows the statistics are over. */
export interface GatesOptions {
  /** Rows sampled; all where there are fewer. Default 10,000. */
  readonly rows?: number;
  /** Of the sample. Default: the spec's training seed. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
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
  const wanted = sampleRows(allRows.rows, options.rows ?? 10_000, options.seed ?? spec.training.seed);
  const { data, rows: sample } = await takeRows(allRows, wanted);
  const sites = await collect(engine, data, sample, options.signal);
  const domains = data.domains === null ? null : Int32Array.from(sample, (row) => data.domains?.[row] as number);
  const domainCount = spec.domains?.count ?? 0;
  const epnet = sites.find(({ site }) => site.module === "epnet");
  return {
    rows: sample.length,
    domainNames: Array.from({ length: domainCount }, (_, domain) => domainName(spec, domain)),
    gates: sites.map(({ site, values }) => gateReport(site, values, domains, domainCount)),
    fields: epnet && hasEpnet(spec) ? fieldGates(spec, epnet.values, epnet.site.units, domains) : [],
  };
}

function sampleRows(rows: number, wanted: number, seed: number): Int32Array {
  return permutation(rows, random(seed).fork("gates")).slice(0, wanted).sort();
}

interface CollectedSite {
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

/** Mean EPNet gate of each field of the `all` group by domain: a field's gate is the mean over its columns. */
function fieldGates(
  spec: ModelSpec,
  values: Float32Array,
  units: number,
  domains: Int32Array | null,
): readonly FieldGates[] {
  const rows = Array.from({ length: values.length / units }, (_, row) => row);
  const parts = domains
    ? Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => rows.filter((row) => domains[row] === domain))
    : [rows];
  const means = parts.map((own) => unitMeans(values, units, own));
  let column = 0;
  return (groupFeatures(spec, "all") ?? []).map((field) => {
    const width = featureWidth(spec.features.find((feature) => feature.name === field)!);
    const start = column;
    column += width;
    return {
      field,
      means: means.map((unit, part) =>
        parts[part]?.length ? unit.slice(start, column).reduce((sum, mean) => sum + mean, 0) / width : null,
      ),
    };
  });
}
