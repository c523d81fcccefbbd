/** The report of gates: statistics by domain, before training, and the worth of each gate. */
import { type EncodedRows, takeRows } from "../../core/data/encoded/streamed.js";
import type { GateSite } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { domainName, hasEpnet, hasPpnet, listDomainNames, type ModelSpec, siteName } from "../../core/spec/model.js";
import { drawnUsers, type UserColumn } from "../../core/train/measure/task-rows.js";
import { throwIfInterrupted } from "../../core/util/interrupt.js";
import { percent } from "../../core/util/text.js";
import { type CounterfactualOptions, correctedIntervals } from "./counterfactual.js";
import { taskEffect } from "./effects.js";
import { fieldGates } from "./fields.js";
import { collectGates, defaultRows, predictAll, type SampleOptions, sampleRows, takeSample } from "./sample.js";
import { type MeasuredGate, measureGate } from "./statistics.js";
import type { Gap, GatesReport } from "./types.js";

export interface GatesOptions extends SampleOptions {
  /** `false`: without the slow parts. `"worth"`: of these, only the worth of each gate. Default: true. */
  readonly details?: boolean | "worth";
  /** The user of each row: what gates are worth has intervals over users. Default: over rows. */
  readonly users?: UserColumn | null;
  /** The model before training, for its gates. */
  readonly untrained?: ReadingEngine | null;
}

/** The number of rows for the spread of gates alone; more hardly change quantiles. */
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
  const sites = await collectGates(engine, data, sample);
  const domainCount = spec.domains?.count ?? 0;
  const byRow = data.domains;
  const domains = byRow === null || domainCount === 0 ? null : Int32Array.from(sample, (row) => byRow[row]!);
  const before = options.untrained ? await collectGates(options.untrained, data, sample) : [];
  const measured: MeasuredGate[] = [];
  for (const { site, values } of sites) {
    throwIfInterrupted();
    const same = site.module === "epnet" ? sameEpnet?.gates.find(({ module }) => module === "epnet") : null;
    if (same) measured.push({ report: same, means: [] });
    else measured.push(measureGate(site, values, domains, domainCount));
  }
  const epnet = measured.find(({ report }) => report.module === "epnet");
  const report = {
    rows: sample.length,
    domainNames: listDomainNames(spec),
    gates: measured.map(({ report }) => report),
    fields: sameEpnet?.fields ?? (epnet && hasEpnet(spec) ? fieldGates(spec, epnet.means) : []),
    untrained: before.map(({ site, values }) => measureGate(site, values, domains, domainCount).report),
    effects: asked ? await gateEffects(engine, allRows, options) : null,
  };
  return { ...report, gaps: findGaps(spec, report) };
}

function findGaps(spec: ModelSpec, { gates }: Omit<GatesReport, "gaps">): Gap[] {
  const gaps: Gap[] = [];
  if (!hasEpnet(spec)) gaps.push({ what: "EPNet: its gate and fields", reason: "the model has no EPNet" });
  if (!hasPpnet(spec) || !spec.switches.ppnet) gaps.push({ what: "PPNet's gates", reason: "the model has no PPNet" });
  if (spec.domains === null) gaps.push({ what: "everything by domain", reason: "the model has no domains" });
  for (const { domain, rows } of gates[0]?.domains ?? []) {
    if (rows > 1) continue;
    const reason = rows === 0 ? "contain no row of it" : "contain one row of it, which has no spread";
    gaps.push({ what: `domain ${domainName(spec, domain!)}`, reason: `the sampled rows ${reason}` });
  }
  for (const gate of gates) {
    const { notFinite } = gate.overall;
    const reason = `${percent(notFinite)} of its values are not finite numbers: they are excluded, and statistics that need every unit are missing`;
    if (notFinite > 0) gaps.push({ what: siteName(gate), reason });
  }
  return gaps;
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
  const before = await predictAll(engine, data);
  const effects: { site: GateSite; tower: string; effect: ReturnType<typeof taskEffect> }[] = [];
  for (const step of new Set(sites.map(stepOf))) {
    const together = sites.filter((site) => stepOf(site) === step);
    const overrides = together.map(({ module, tower, layer }) => ({ module, tower, layer, where: null, values: 1 }));
    const after = await predictAll(engine, data, overrides);
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
