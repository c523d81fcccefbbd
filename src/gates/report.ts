import type { EncodedData } from "../data/encoded/index.js";
import { type EncodedRows, measuredColumns, takeRows } from "../data/encoded/index.js";
import type { ReadingEngine } from "../engine/index.js";
import { domainName, groupFeatures, hasEpnet, type ModelSpec } from "../spec/index.js";
import type { UserColumn } from "../train/index.js";
import { embeddingsReport } from "./embeddings/embeddings.js";
import { fieldColumns, fieldGates } from "./fields/fields.js";
import { findGaps } from "./gaps.js";
import { listPriors } from "./rows/priors.js";
import { defaultRows, rowBatches, type SampleOptions, sampleRows } from "./rows/sample.js";
import { coldGates } from "./statistics/cold.js";
import type { CollectedSite } from "./statistics/collected-site.js";
import { gateDifferences } from "./statistics/differences.js";
import { type MeasuredGate, measureGate } from "./statistics/statistics.js";
import type { GateDifferences, GatesReport, GradientsReport } from "./types.js";

export interface GatesOptions extends SampleOptions {
  /** `false` omits variance by ids, embeddings and gradients, which are slower. Default: true. */
  readonly details?: boolean;
  /** The user of each row: differences between domains have intervals over users. Default: over rows. */
  readonly users?: UserColumn | null;
  readonly training?: EncodedRows;
}

const gradientRows = 2048;

/**
 * Statistics of every gate by domain. The values come from the engine's program, without dropout. They are
 * descriptive: gates differ between domains even if domains have no effect.
 *
 * @param sameEpnet a report on the same rows of a model that differs only behind EPNet, whose gates are taken from it
 */
export async function gatesReport(
  engine: ReadingEngine,
  allRows: EncodedRows,
  options: GatesOptions = {},
  sameEpnet: GatesReport | null = null,
): Promise<GatesReport> {
  const { spec } = engine;
  const rowNumbers = sampleRows(allRows.rows, options.rows ?? defaultRows, options.seed ?? spec.training.seed, "gates");
  const { data, rows: sample } = await takeRows(allRows, rowNumbers);
  const sites = await collect(engine, data, sample, options.signal);
  const domainCount = spec.domains?.count ?? 0;
  const byRow = data.domains;
  const domains = byRow === null || domainCount === 0 ? null : Int32Array.from(sample, (row) => byRow[row]!);
  const details = options.details !== false;
  const priors = details ? listPriors(spec, data, sample) : [];
  const measured: MeasuredGate[] = [];
  for (const { site, values } of sites) {
    options.signal?.throwIfAborted();
    const same = site.module === "epnet" ? sameEpnet?.gates.find(({ module }) => module === "epnet") : null;
    if (same) measured.push({ report: same, means: [] });
    else measured.push(measureGate(site, values, domains, domainCount, priors));
  }
  const training =
    options.training && (await measuredColumns(options.training, new Set(groupFeatures(spec, "uia") ?? [])));
  const epnet = measured.find(({ report }) => report.module === "epnet");
  const report = {
    rows: sample.length,
    domainNames: Array.from({ length: domainCount }, (_, domain) => domainName(spec, domain)),
    gates: measured.map(({ report }) => report),
    fields: sameEpnet?.fields ?? (epnet && hasEpnet(spec) ? fieldGates(spec, epnet.means) : []),
    differences: details && domains !== null ? domainDifferences(spec, sites, domains, rowNumbers, options) : null,
    cold: training === undefined ? [] : sites.flatMap((gate) => coldGates(spec, gate, data, sample, training)),
    embeddings: details ? await embeddingsReport(engine, data, sample, options.signal) : null,
    gradients: details && sample.length > 0 ? await measureGradients(engine, data, sample) : null,
  };
  return { ...report, gaps: findGaps(spec, data, report, details) };
}

function domainDifferences(
  spec: ModelSpec,
  sites: readonly CollectedSite[],
  domains: Int32Array,
  rowNumbers: Int32Array,
  { users = null }: GatesOptions,
): GateDifferences | null {
  const codes = users === null ? null : Int32Array.from(rowNumbers, (row) => users.codes[row]!);
  const finite = sites.filter(({ values }) => values.every(Number.isFinite));
  const rows = { domains, domainCount: spec.domains?.count ?? 0, users: codes, user: users?.name ?? null };
  return gateDifferences(finite, hasEpnet(spec) ? fieldColumns(spec) : [], rows);
}

async function measureGradients(
  engine: ReadingEngine,
  data: EncodedData,
  sample: Int32Array,
): Promise<GradientsReport> {
  const count = Math.min(gradientRows, sample.length);
  const rows = Int32Array.from({ length: count }, (_, at) => sample[Math.floor((at * sample.length) / count)]!);
  return { ...(await engine.gradients({ data, rows })), rows: count };
}

async function collect(
  engine: ReadingEngine,
  data: EncodedData,
  sample: Int32Array,
  signal: AbortSignal | undefined,
): Promise<readonly CollectedSite[]> {
  let sites: readonly CollectedSite[] = [];
  for (const places of rowBatches(sample.length)) {
    signal?.throwIfAborted();
    const start = places[0]!;
    const gates = await engine.gates({ data, rows: sample.slice(start, start + places.length) });
    if (places.length === sample.length) return gates.map(({ values, ...site }) => ({ site, values }));
    if (start === 0) {
      sites = gates.map(({ values: _, ...site }) => ({ site, values: new Float32Array(sample.length * site.units) }));
    }
    gates.forEach((gate, index) => {
      sites[index]?.values.set(gate.values, start * gate.units);
    });
  }
  return sites;
}
