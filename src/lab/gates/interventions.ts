/** Changes whose effect on predictions can be measured: other domains, and gates held at a value. */

import { takeEncoded } from "../../core/data/encoded/copies.js";
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { GateOverride, GateSite } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { DataError } from "../../core/errors/index.js";
import { inputColumn } from "../../core/spec/feature/feature.js";
import { groupFeatures, listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { unknownName } from "../../core/spec/validate/checks.js";
import { rowsByDomain } from "../../core/train/measure/task-rows.js";
import { didYouMean } from "../../core/util/names.js";
import { everyRow } from "../../core/util/numbers.js";
import { random } from "../../core/util/random.js";
import { fieldColumns } from "./fields.js";
import { collectGates } from "./statistics.js";

export interface GateMean {
  readonly site: GateSite;
  readonly overall: Float64Array;
  /** By domain, [units]; `null`: no rows. */
  readonly domains: readonly (Float64Array | null)[];
}

/** The overrides for frozen gates. @throws DataError for an unknown gate, field or domain */
export function frozen(spec: ModelSpec, means: readonly GateMean[], freeze: GateFreeze): GateOverride[] {
  const { module, tower, layer } = freeze;
  const gates = means.filter(
    ({ site }) =>
      site.module === module && (tower === null || site.tower === tower) && (layer === null || site.layer === layer),
  );
  if (gates.length === 0) throw noGate(means, freeze);
  return gates.map((mean) => ({
    module,
    tower: mean.site.tower,
    layer: mean.site.layer,
    where: freeze.field === null ? null : unitsOfField(spec, freeze, mean.site.units),
    values: frozenValues(spec, mean, freeze.at),
  }));
}

function frozenValues(spec: ModelSpec, { overall, domains }: GateMean, at: GateFreeze["at"]): GateOverride["values"] {
  if (typeof at === "number") return at;
  if (at === "mean") return overall;
  if (at === "domain mean") {
    if (domains.length === 0) throw new DataError({ path: "freezeGate", message: "the model has no domains" });
    // A domain without rows has no row that would use its mean.
    return domains.map((mean) => mean ?? overall);
  }
  const values = domains[domainIndex(spec, at.domain)];
  if (values == null) {
    const message = `the sampled rows contain no row of domain ${at.domain}`;
    throw new DataError({ path: "freezeGate", message, fix: "sample more rows: { rows: 100_000 }" });
  }
  return values;
}

function unitsOfField(spec: ModelSpec, { module, field }: GateFreeze, units: number): boolean[] {
  const fields = fieldColumns(spec);
  const column = module === "epnet" ? fields.find((column) => column.field === field) : undefined;
  if (column === undefined) {
    const names = module === "epnet" ? fields.map((column) => column.field) : [];
    throw new DataError({
      path: "freezeGate: field",
      message: module === "epnet" ? "the `all` group has no such field" : "PPNet gates hidden units, not fields",
      received: JSON.stringify(field),
      expected: module === "epnet" ? `one of ${names.join(", ")}` : 'freezeGate("epnet", { field })',
      fix: didYouMean(field!, names),
    });
  }
  return Array.from({ length: units }, (_, unit) => unit >= column.start && unit < column.end);
}

function noGate(means: readonly GateMean[], { module, tower, layer }: GateFreeze): DataError {
  const gateNames = means.map(({ site }) =>
    [site.module, site.tower, site.tower && site.layer].filter((part) => part !== null).join(" "),
  );
  return new DataError({
    path: "freezeGate",
    message: "the model has no such gate",
    received: JSON.stringify({ module, tower, layer }),
    expected: gateNames.length === 0 ? "a model with gates" : `one of ${gateNames.join(", ")}`,
    fix: tower === null ? undefined : didYouMean(tower, [...new Set(means.flatMap(({ site }) => site.tower ?? []))]),
  });
}

export async function gateMeans(engine: ReadingEngine, data: EncodedData): Promise<GateMean[]> {
  const parts = [everyRow(data.rows), ...rowsByDomain(data, null, engine.spec.domains?.count ?? 0)];
  return (await collectGates(engine, data)).map(({ site, values }) => {
    const [overall, ...domains] = parts.map((rows) => (rows.length === 0 ? null : unitMeans(values, site.units, rows)));
    return { site, overall: overall!, domains };
  });
}

function unitMeans(values: Float32Array, units: number, rows: Int32Array): Float64Array {
  const sums = new Float64Array(units);
  for (const row of rows) for (let unit = 0; unit < units; unit++) sums[unit]! += values[row * units + unit]!;
  return sums.map((sum) => sum / rows.length);
}

/** The maximum number of targets; more hardly change a mean over them. */
const mostTurns = 4;

/**
 * The rows moved to another domain, once per target: to `to`, or by rotations, in each of which all rows of a domain
 * have one target. Random targets within a domain would reorder its rows if domains differ only in their rates.
 */
export function swapped(
  spec: ModelSpec,
  data: EncodedData,
  seed: number,
  { to, towers }: DomainSwap,
): readonly EncodedData[] {
  const domains = data.domains;
  const count = spec.domains?.count ?? 0;
  const target = to === null ? null : domainIndex(spec, to);
  if (domains === null || count === 0) {
    throw new DataError({
      path: "swapDomain",
      message: "the model has no domains",
      fix: "add .domains(column, names)",
    });
  }
  const rowsOf = rowsByDomain(data, null, count);
  const present = rowsOf.flatMap((rows, domain) => (rows.length > 0 ? [domain] : []));
  if (target !== null && !present.includes(target)) {
    const fix = "sample more rows: { rows: 100_000 }";
    throw new DataError({ path: "swapDomain", message: `the sampled rows contain no row of domain ${to}`, fix });
  }
  const source = random(seed).fork("swap");
  const names = domainFeatures(spec);
  const features = new Map([...data.features].filter(([name]) => names.has(name)));
  const turns = Math.max(1, Math.min(present.length - 1, mostTurns));
  const targets =
    target === null
      ? Array.from({ length: turns }, (_, turn) => {
          const step = 1 + Math.floor((turn * (present.length - 1)) / turns);
          return new Map(present.map((from, at) => [from, present[(at + step) % present.length]!]));
        })
      : [new Map(present.map((from) => [from, target]))];
  return targets.map((targetOf) => {
    const donors = Int32Array.from(domains, (from, row) => {
      const to = targetOf.get(from)!;
      return to === from ? row : rowsOf[to]![source.integer(rowsOf[to]!.length)]!;
    });
    const moved = takeEncoded({ ...data, features, labels: new Map(), sampleWeights: new Map() }, donors);
    return {
      ...data,
      features: new Map([...data.features, ...moved.features]),
      domains: towers ? moved.domains : domains,
    };
  });
}

export function domainFeatures(spec: ModelSpec): Set<string> {
  const readers = spec.features.filter(
    (feature) => "expression" in feature && inputColumn(feature) === spec.domains?.column,
  );
  return new Set([...(groupFeatures(spec, "domain") ?? []), ...readers.map((feature) => feature.name)]);
}

/** A field is nested if the value of a larger share of rows occurs in one domain only. */
export const mostNested = 0.5;

export function inOneDomain({ features, domains, rows }: EncodedData, field: string): number | null {
  const column = features.get(field);
  if (column?.kind !== "ids" || domains === null) return null;
  const usesById = new Map<number, { rows: number; domain: number; alone: boolean }>();
  for (let row = 0; row < rows; row++) {
    const [id, domain] = [column.ids[row]!, domains[row]!];
    const use = usesById.get(id) ?? { rows: 0, domain, alone: true };
    usesById.set(id, { rows: use.rows + 1, domain, alone: use.alone && use.domain === domain });
  }
  const often = [...usesById.values()].filter((value) => value.rows > 1);
  const total = often.reduce((sum, value) => sum + value.rows, 0);
  return total === 0 ? null : often.reduce((sum, value) => sum + (value.alone ? value.rows : 0), 0) / total;
}

/** The first field that is nested in the domains; `null`: none. */
export function nestedField(spec: ModelSpec, data: EncodedData): string | null {
  return rankedFields(spec, data).find((field) => (inOneDomain(data, field) ?? 0) > mostNested) ?? null;
}

/** The fields that the model reads besides those that name the domain. */
export function rankedFields(spec: ModelSpec, data: EncodedData): string[] {
  const domain = domainFeatures(spec);
  const read = new Set([...(groupFeatures(spec, "all") ?? []), ...(groupFeatures(spec, "uia") ?? [])]);
  return [...read].filter((field) => !domain.has(field) && data.features.has(field));
}

function domainIndex(spec: ModelSpec, domain: string | number): number {
  const names = listDomainNames(spec);
  const index = typeof domain === "number" ? domain : names.indexOf(domain);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  throw new DataError(unknownName("counterfactual", "domain", String(domain), names));
}

/** Each row gets another domain: `to`, or (null) each of the others in turn (at most four turns). `D`: domains. */
// biome-ignore lint/suspicious/noExplicitAny: a change of any model
export interface DomainSwap<D extends string | number = any> {
  readonly kind: "domain";
  /** A domain's name or number; `null`: each of the others in turn. */
  readonly to: D | null;
  /** Whether the other domain's towers predict the row; `false`: its own do, and only the features are moved. */
  readonly towers: boolean;
}

/** What {@link swapDomain} moves. */
export interface SwapOptions {
  /** `false`: the row's own towers do; only the features that name the domain are moved. Default: true. */
  readonly towers?: boolean;
}

/** Gates have fixed values. `T`: towers; `D`: domains; `F`: features. */
// biome-ignore lint/suspicious/noExplicitAny: a change of any model
export interface GateFreeze<T extends string = any, D extends string | number = any, F extends string = any> {
  readonly kind: "gate";
  readonly module: "epnet" | "ppnet";
  /** PPNet's tower and layer; `null`: all. */
  readonly tower: T | null;
  /** PPNet's layer, from 0; `null`: all. */
  readonly layer: number | null;
  /** EPNet's gates of one feature field; `null`: all. */
  readonly field: F | null;
  /** A value, or each unit's mean over all rows, over the rows of each row's domain, or over one domain's rows. */
  readonly at: number | "mean" | "domain mean" | { readonly domain: D };
}

/** One change, or several at once. `T`: towers; `D`: domains; `F`: features. */
// biome-ignore lint/suspicious/noExplicitAny: a change of any model
export type Intervention<T extends string = any, D extends string | number = any, F extends string = any> =
  | DomainSwap<D>
  | GateFreeze<T, D, F>
  | readonly (DomainSwap<D> | GateFreeze<T, D, F>)[];

/** Which gates to hold, and at what value. */
export interface FreezeOptions<
  T extends string = string,
  D extends string | number = string | number,
  F extends string = string,
> {
  readonly tower?: T;
  readonly layer?: number;
  readonly field?: F;
  /** Default: 1, which does not change the gated values. */
  readonly at?: GateFreeze<T, D, F>["at"];
}

/**
 * Moves every row to another domain: its towers, and the `domain` group's features of a row there. Without a domain,
 * each row gets a random one of the others (seeded).
 * @example
 * await run.counterfactual(test, { changes: [swapDomain(), swapDomain("live"), swapDomain(null, { towers: false })] });
 */
export function swapDomain<D extends string | number = never>(
  to: D | null = null,
  { towers = true }: SwapOptions = {},
): DomainSwap<D> {
  return Object.freeze({ kind: "domain", to, towers });
}

/**
 * Moves every row to each domain in turn: with the effects by the rows' original domains, every pair of domains.
 * @example
 * const what = await run.counterfactual(test, { changes: everyDomain(run.spec) });
 * what.pairs("ctr"); // ΔAUC of the rows of one domain in another, [own domain][other domain]
 */
export function everyDomain(spec: ModelSpec): DomainSwap[] {
  return listDomainNames(spec).map((name) => swapDomain(name));
}

/**
 * Holds gates at a value (default 1, which does not change the gated values), at their mean over the rows, at the
 * mean of each row's domain, or at one domain's mean: shows what a gate adds beyond that.
 * @example
 * const changes = [
 *   freezeGate("ppnet", { tower: "ctr", layer: 0 }),
 *   freezeGate("epnet", { field: "price", at: "mean" }),
 *   freezeGate("epnet", { at: { domain: "live" } }),
 * ];
 * await run.counterfactual(test, { changes });
 */
export function freezeGate<T extends string = never, D extends string | number = never, F extends string = never>(
  module: GateFreeze["module"],
  where: FreezeOptions<T, D, F> = {},
): GateFreeze<T, D, F> {
  const { tower = null, layer = null, field = null, at = 1 } = where;
  return Object.freeze({ kind: "gate", module, tower, layer, field, at });
}

/** Holds all gates of a module at 1: EPNet or PPNet off, everything else as trained. */
export function moduleOff(module: GateFreeze["module"]): GateFreeze<never, never, never> {
  return freezeGate(module);
}

/** Names of changes by {@link interventionName}. `D`: domains; any text where types do not know them. */
export type ChangeName<D extends string = string> = string extends D
  ? string
  :
      | `${"another domain" | `domain ${D | number}`}${"" | ", towers kept"}`
      | `${"EPNet" | "PPNet"} off`
      | `${"EPNet" | "PPNet"} ${string}at ${string}`
      | `${string} + ${string}`;

/** The change in words. */
export function interventionName(intervention: Intervention): string {
  if (!("kind" in intervention)) return intervention.map(interventionName).join(" + ");
  if (intervention.kind === "domain") {
    const domain = intervention.to === null ? "another domain" : `domain ${intervention.to}`;
    return intervention.towers ? domain : `${domain}, towers kept`;
  }
  const { module, tower, layer, field, at } = intervention;
  const place = [module === "epnet" ? "EPNet" : "PPNet", tower, layer === null ? null : `layer ${layer}`, field];
  const what = place.filter((part) => part !== null).join(" ");
  if (at === 1 && tower === null && layer === null && field === null) return `${what} off`;
  return `${what} at ${valueName(at)}`;
}

function valueName(at: GateFreeze["at"]): string {
  if (typeof at === "object") return `the mean of ${at.domain}`;
  return at === "mean" ? "its mean" : at === "domain mean" ? "its domain's mean" : String(at);
}
