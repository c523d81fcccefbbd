import type { EncodedData, FeatureColumn } from "../data/encoded/encoded.js";
import { type EncodedRows, measuredColumns, takeRows } from "../data/encoded/streamed.js";
import type { GateSite } from "../engine/engine.js";
import type { ReadingEngine } from "../engine/scaled-engine.js";
import { domainName, groupFeatures, hasEpnet, hasPpnet, type ModelSpec, siteName } from "../spec/model.js";
import { listDomainNames } from "../train/evaluate.js";
import { drawnUsers, type UserColumn } from "../train/measure/task-rows.js";
import { Numbering } from "../util/growing.js";
import { percent } from "../util/text.js";
import { mean, sum } from "../util/turns.js";
import type { Prior } from "./accumulate.js";
import { type CounterfactualOptions, correctedIntervals } from "./counterfactual.js";
import { type CollectedSite, gateDifferences } from "./differences.js";
import { taskEffect } from "./effects.js";
import { fieldColumns, fieldGates } from "./fields.js";
import { defaultRows, predictAll, rowBatches, type SampleOptions, sampleRows, takeSample } from "./sample.js";
import { type MeasuredGate, measureGate } from "./statistics.js";
import type { ColdGates, Gap, GateDifferences, GatesReport } from "./types.js";

const fewerThan = 5;

/** One entry per single-id feature of the `uia` group. @param sample rows of `data` with these values */
export function coldGates(
  spec: ModelSpec,
  { site, values }: CollectedSite,
  data: EncodedData,
  sample: Int32Array,
  training: EncodedData,
): ColdGates[] {
  return (groupFeatures(spec, "uia") ?? []).flatMap((field) => {
    const [sampleIds, trainingIds] = [data.features.get(field), training.features.get(field)];
    if (sampleIds?.kind !== "ids" || trainingIds?.kind !== "ids") return [];
    const counts = new Map<number, number>();
    for (const id of trainingIds.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    // A row without an id belongs to neither group.
    const places = Array.from(sample, (_, place) => place).filter(
      (place) => (sampleIds.ids[sample[place]!] ?? -1) >= 0,
    );
    const isCold = (place: number): boolean => (counts.get(sampleIds.ids[sample[place]!]!) ?? 0) < fewerThan;
    const cold = places.filter(isCold);
    const warm = places.filter((place) => !isCold(place));
    const [coldly, warmly] = [cold, warm].map((rows) => moments(values, site.units, rows)) as [Moments, Moments];
    return {
      module: site.module,
      tower: site.tower,
      layer: site.layer,
      field,
      fewerThan,
      coldRows: cold.length,
      warmRows: warm.length,
      coldMean: coldly.mean,
      warmMean: warmly.mean,
      coldStd: coldly.std,
      warmStd: warmly.std,
    };
  });
}

type Moments = { readonly mean: number | null; readonly std: number | null };

function moments(values: Float32Array, units: number, rows: readonly number[]): Moments {
  if (rows.length === 0) return { mean: null, std: null };
  const byUnit = Array.from({ length: units }, (_, unit) => rows.map((row) => values[row * units + unit]!));
  const overall = sum(byUnit.map(sum)) / (rows.length * units);
  const deviation = (each: readonly number[], centre = mean(each)): number =>
    Math.sqrt(mean(each.map((value) => (value - centre) ** 2)));
  const std = mean(byUnit.map((each) => deviation(each)));
  return Number.isFinite(overall) ? { mean: overall, std } : { mean: null, std: null };
}

export interface GatesOptions extends SampleOptions {
  /** `false`: without the slow parts. `"worth"`: of these, what each gate is worth. Default: true. */
  readonly details?: boolean | "worth";
  /** The user of each row: differences between domains have intervals over users. Default: over rows. */
  readonly users?: UserColumn | null;
  readonly training?: EncodedRows;
  /** The model before training: gates and their differences are compared with its. */
  readonly untrained?: ReadingEngine | null;
}

const gradientRows = 2048;
/** For the spread of gates alone: more do not move quantiles. */
const spreadRows = 2048;

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
  const { details: asked = true } = options;
  const most = options.rows ?? (asked === "worth" ? spreadRows : defaultRows);
  const rowNumbers = sampleRows(allRows.rows, most, options.seed ?? spec.training.seed, "gates");
  const { data, rows: sample } = await takeRows(allRows, rowNumbers);
  const sites = await collect(engine, data, sample, options.signal);
  const domainCount = spec.domains?.count ?? 0;
  const byRow = data.domains;
  const domains = byRow === null || domainCount === 0 ? null : Int32Array.from(sample, (row) => byRow[row]!);
  const details = asked === true;
  const before = options.untrained ? await collect(options.untrained, data, sample, options.signal) : [];
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
    domainNames: listDomainNames(spec),
    gates: measured.map(({ report }) => report),
    fields: sameEpnet?.fields ?? (epnet && hasEpnet(spec) ? fieldGates(spec, epnet.means) : []),
    untrained: before.map(({ site, values }) => measureGate(site, values, domains, domainCount, []).report),
    effects: asked ? await gateEffects(engine, allRows, options) : null,
    differences:
      details && domains !== null ? domainDifferences(spec, [sites, before], domains, rowNumbers, options) : null,
    cold: training === undefined ? [] : sites.flatMap((gate) => coldGates(spec, gate, data, sample, training)),
    gradients: details && sample.length > 0 ? await measureGradients(engine, data, sample) : null,
  };
  return { ...report, gaps: findGaps(spec, data, report, details) };
}

function domainDifferences(
  spec: ModelSpec,
  [sites, before]: readonly [readonly CollectedSite[], readonly CollectedSite[]],
  domains: Int32Array,
  rowNumbers: Int32Array,
  { users = null }: GatesOptions,
): GateDifferences | null {
  const codes = users === null ? null : Int32Array.from(rowNumbers, (row) => users.codes[row]!);
  const finite = sites.filter(({ values }) => values.every(Number.isFinite));
  const rows = { domains, domainCount: spec.domains?.count ?? 0, users: codes, user: users?.name ?? null };
  return gateDifferences(finite, hasEpnet(spec) ? fieldColumns(spec) : [], rows, before);
}

async function measureGradients(engine: ReadingEngine, data: EncodedData, sample: Int32Array) {
  const count = Math.min(gradientRows, sample.length);
  const rows = Int32Array.from({ length: count }, (_, at) => sample[Math.floor((at * sample.length) / count)]!);
  return { ...(await engine.gradients({ data, rows })), rows: count };
}

async function collect(engine: ReadingEngine, data: EncodedData, sample: Int32Array, signal: AbortSignal | undefined) {
  let sites: readonly CollectedSite[] = [];
  for (const places of rowBatches(sample.length, signal)) {
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

/** @param report all except its gaps @param asked whether the slower parts were requested */
function findGaps(spec: ModelSpec, data: EncodedData, report: Omit<GatesReport, "gaps">, asked: boolean): Gap[] {
  const domains = report.gates[0]?.domains ?? [];
  const gaps: Gap[] = [];
  if (!hasEpnet(spec)) gaps.push({ what: "EPNet: its gate and fields", reason: "the model has no EPNet" });
  if (!hasPpnet(spec) || !spec.switches.ppnet) gaps.push({ what: "PPNet's gates", reason: "the model has no PPNet" });
  if (spec.domains === null) gaps.push({ what: "everything by domain", reason: "the model has no domains" });
  return [
    ...gaps,
    ...domains.flatMap(({ domain, rows }): Gap[] => {
      if (rows > 1) return [];
      const reason =
        rows === 0
          ? "the sampled rows contain no row of it"
          : "the sampled rows contain one row of it, which has no spread";
      return [{ what: `domain ${domainName(spec, domain!)}`, reason }];
    }),
    ...report.gates.flatMap((gate): Gap[] => {
      const { notFinite } = gate.overall;
      if (notFinite === 0) return [];
      const reason = `${percent(notFinite)} of its values are not finite numbers: they are excluded, and statistics that need every unit are missing`;
      return [{ what: siteName(gate), reason }];
    }),
    ...(asked ? detailGaps(spec, data, report) : []),
  ];
}

function detailGaps(spec: ModelSpec, data: EncodedData, { cold }: Omit<GatesReport, "gaps">): Gap[] {
  const gaps: Gap[] = [];
  if (cold.length === 0 && hasPpnet(spec)) {
    gaps.push({ what: "cold users and items", reason: "the training rows are unknown: gates(data, { training })" });
  }
  const several = (groupFeatures(spec, "uia") ?? []).filter((name) => data.features.get(name)?.kind !== "ids");
  if (several.length > 0) {
    gaps.push({ what: `what ${several.join(", ")} explain`, reason: "they are numbers, or have several ids per row" });
  }
  return gaps;
}

/** One grouping per single-id feature of the `domain` and `uia` groups: rows with the same id are a group. */
function listPriors(spec: ModelSpec, data: EncodedData, sample: Int32Array): Prior[] {
  const names = new Set([...(groupFeatures(spec, "domain") ?? []), ...(groupFeatures(spec, "uia") ?? [])]);
  return [...names].flatMap((name) => {
    const column = data.features.get(name);
    return column?.kind === "ids" ? [makePrior(name, column, sample)] : [];
  });
}

function makePrior(name: string, column: FeatureColumn & { kind: "ids" }, sample: Int32Array): Prior {
  const numbers = new Numbering<number>();
  const groupOf = Int32Array.from(sample, (row) => (column.ids[row]! < 0 ? -1 : numbers.of(column.ids[row]!)));
  return { name, groupOf, groups: numbers.values.length };
}

function stepOf({ module, layer }: GateSite): string {
  return `${module} ${layer}`;
}

/** Holds each gate at 1, the tasks' gates of a layer together: no task reads another's. One correction for all. */
async function gateEffects(engine: ReadingEngine, allRows: EncodedRows, options: CounterfactualOptions) {
  const { spec } = engine;
  const { data, numbers } = await takeSample(engine, allRows, options, "gate effects");
  if (data.rows === 0) return null;
  const sites = await engine.gates({ data, rows: Int32Array.of(0) });
  const users = options.users ? drawnUsers(options.users, numbers) : null;
  const before = await predictAll(engine, data, undefined, options.signal);
  const effects: { site: GateSite; tower: string; effect: ReturnType<typeof taskEffect> }[] = [];
  for (const step of new Set(sites.map(stepOf))) {
    const together = sites.filter((site) => stepOf(site) === step);
    const overrides = together.map(({ module, tower, layer }) => ({ module, tower, layer, where: null, values: 1 }));
    const after = await predictAll(engine, data, overrides, options.signal);
    for (const { values: _, ...site } of together) {
      spec.towers.forEach((tower, at) => {
        if (site.tower !== null && site.tower !== tower.name) return;
        const change = { tower, before: before[at]!, afters: [after[at]!] };
        effects.push({ site, tower: tower.name, effect: taskEffect(spec, data, change, numbers, users) });
      });
    }
  }
  const changes = correctedIntervals(effects.map(({ effect }) => effect.parts?.within ?? effect.overall.auc));
  return {
    user: options.users?.name ?? null,
    isWithinDomains: effects.some(({ effect }) => effect.parts !== null),
    cells: effects.map(({ site: { module, tower, layer }, tower: task }, at) => {
      return { module, tower, layer, task, auc: changes[at]! };
    }),
  };
}
