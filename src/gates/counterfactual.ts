/** What predictions would be with another domain or other gates, and what that does to AUC by task and domain. */
import type { EncodedData, FeatureColumn } from "../data/encoded.js";
import { type EncodedRows, takeRows } from "../data/streamed.js";
import type { Engine, GateOverride, TowerOutput } from "../engine/engine.js";
import { DataError } from "../errors/index.js";
import { bootstrap, difference, type Interval, weightedAuc } from "../metrics/index.js";
import { domainName, expressionColumn, groupFeatures, type ModelSpec, type TowerSpec } from "../spec/index.js";
import { rowsByDomain, rowsInside } from "../train/task-rows.js";
import { didYouMean } from "../util/near.js";
import { random } from "../util/random.js";
import {
  type DomainSwap,
  type GateFreeze,
  type Intervention,
  interventionName,
  moduleOff,
  swapDomain,
} from "./interventions.js";
import { sampleRows } from "./report.js";
import { takeEncoded } from "./take-encoded.js";

/** Which rows, and how intervals are made. */
export interface CounterfactualOptions {
  /** Rows sampled; all where there are fewer. Default 10,000. */
  readonly rows?: number;
  /** Of the sample, the domains drawn and the bootstrap. Default: the spec's training seed. */
  readonly seed?: number;
  /** Bootstrap draws. Default: 300. */
  readonly draws?: number;
  /** Id feature that says whose a row is: whole users are drawn. Default: a `grouped_auc`'s key, else rows are drawn. */
  readonly user?: string;
  readonly signal?: AbortSignal;
}

/** The change on some rows. */
export interface Effect {
  readonly rows: number;
  /** AUC with the change less AUC without, 95 % interval over the same draws; `null` where a class is missing. */
  readonly auc: Interval;
  /** Mean |change of the logit|; `null` without rows. */
  readonly logitChange: number | null;
}

/** A row that changes much. */
export interface ChangedRow {
  /** Its number in the data. */
  readonly row: number;
  readonly domain: number | null;
  /** Probability (or value) without and with the change. */
  readonly before: number;
  readonly after: number;
  readonly logitChange: number;
}

/** What a change does to one task. */
export interface TaskEffect {
  readonly tower: string;
  readonly overall: Effect;
  /** By the rows' own domains. */
  readonly domains: readonly Effect[];
  /** The ten rows whose logit changes most. */
  readonly mostChanged: readonly ChangedRow[];
}

/** One counterfactual. */
export interface CounterfactualEffect {
  readonly name: string;
  readonly tasks: readonly TaskEffect[];
}

/** Everything `run.counterfactual()` shows. */
export interface CounterfactualReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  /** What was drawn: the id feature, or `null` for rows. */
  readonly user: string | null;
  readonly effects: readonly CounterfactualEffect[];
}

const batchRows = 2048;
const mostChangedRows = 10;

/** The changes that a model allows: another domain, and each of its modules off. */
export function usualInterventions(spec: ModelSpec, modules: ReadonlySet<string>): Intervention[] {
  const off = (["epnet", "ppnet"] as const).filter((module) => modules.has(module)).map(moduleOff);
  return [...((spec.domains?.count ?? 0) > 1 ? [swapDomain()] : []), ...off];
}

/** Predicts a seeded sample as it is and under each change. @throws DataError for a domain, gate or user that is not there */
export async function counterfactualReport(
  engine: Engine,
  allRows: EncodedRows,
  interventions: readonly Intervention[] | null = null,
  options: CounterfactualOptions = {},
): Promise<CounterfactualReport> {
  const { spec } = engine;
  const seed = options.seed ?? spec.training.seed;
  const wanted = sampleRows(allRows.rows, options.rows ?? 10_000, seed, "counterfactual");
  const taken = await takeRows(allRows, wanted);
  const data = takeEncoded(taken.data, taken.rows);
  const user = userOf(spec, data, options.user);
  const probe: Probe = { engine, data, seed, means: await gateMeans(engine, data) };
  const modules = new Set(probe.means.map(({ module }) => module));
  const before = await predictAll(engine, data, undefined, options.signal);
  const effects: CounterfactualEffect[] = [];
  for (const intervention of interventions ?? usualInterventions(spec, modules)) {
    const changed = apply(probe, "kind" in intervention ? [intervention] : intervention);
    const after = await predictAll(engine, changed.data, changed.overrides, options.signal);
    const tasks = spec.towers.map((tower, index) =>
      taskEffect(spec, data, tower, [before[index], after[index]] as [TowerOutput, TowerOutput], wanted, {
        draws: options.draws ?? 300,
        seed,
        users: user?.ids ?? null,
      }),
    );
    effects.push({ name: interventionName(intervention), tasks });
  }
  const domainNames = Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain));
  return { rows: data.rows, domainNames, user: user?.name ?? null, effects };
}

interface GateMean extends Pick<GateOverride, "module" | "tower" | "layer"> {
  /** Over all rows, then by domain, [units]. */
  readonly overall: Float64Array;
  readonly domains: readonly (Float64Array | null)[];
}

interface Probe {
  readonly engine: Engine;
  readonly data: EncodedData;
  readonly seed: number;
  readonly means: readonly GateMean[];
}

function apply(
  probe: Probe,
  changes: readonly (DomainSwap | GateFreeze)[],
): { data: EncodedData; overrides: GateOverride[] | undefined } {
  let { data } = probe;
  const overrides: GateOverride[] = [];
  for (const change of changes) {
    if (change.kind === "domain") data = swapped(probe, change);
    else overrides.push(...frozen(probe, change));
  }
  return { data, overrides: overrides.length === 0 ? undefined : overrides };
}

/** The rows in other domains: their domain features are those of a row that is drawn there. */
function swapped({ engine: { spec }, data, seed }: Probe, { to }: DomainSwap): EncodedData {
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
  const source = random(seed).fork("swap");
  const donors = Int32Array.from(domains, (own, row) => {
    const others = target === null ? present.filter((domain) => domain !== own) : [target];
    if (others.length === 0 || target === own) return row;
    const donorsThere = rowsOf[others[source.integer(others.length)] as number] as Int32Array;
    return donorsThere.length === 0 ? row : (donorsThere[source.integer(donorsThere.length)] as number);
  });
  if (target !== null && !present.includes(target)) {
    const fix = "sample more rows: { rows: 100_000 }";
    throw new DataError({ path: "swapDomain", message: `no row sampled is of domain ${to}`, fix });
  }
  const moved = takeEncoded(data, donors);
  const names = domainFeatures(spec);
  const features = [...data.features].map(([name, column]): [string, FeatureColumn] => [
    name,
    names.has(name) ? (moved.features.get(name) as FeatureColumn) : column,
  ]);
  return { ...data, features: new Map(features), domains: moved.domains };
}

/** The features that say the domain: the `domain` group's, and those that read the domain's column. */
function domainFeatures(spec: ModelSpec): Set<string> {
  const readers = spec.features.filter(
    (feature) => "expression" in feature && expressionColumn(feature.expression) === spec.domains?.column,
  );
  return new Set([...(groupFeatures(spec, "domain") ?? []), ...readers.map((feature) => feature.name)]);
}

function frozen({ engine: { spec }, means }: Probe, { module, tower, layer, at }: GateFreeze): GateOverride[] {
  const gates = means.filter(
    (gate) =>
      gate.module === module && (tower === null || gate.tower === tower) && (layer === null || gate.layer === layer),
  );
  if (gates.length === 0) {
    const there = means.map((gate) =>
      [gate.module, gate.tower, gate.tower && gate.layer].filter((part) => part !== null).join(" "),
    );
    throw new DataError({
      path: "freezeGate",
      message: "the model has no such gate",
      received: JSON.stringify({ module, tower, layer }),
      expected: there.length === 0 ? "a model with gates" : `one of ${there.join(", ")}`,
    });
  }
  return gates.map(({ overall, domains, ...site }) => {
    const values = typeof at === "object" ? domains[domainIndex(spec, at.domain)] : at === "mean" ? overall : at;
    if (values == null) throw new DataError({ path: "freezeGate", message: "no row sampled is of that domain" });
    return { ...site, where: null, values };
  });
}

function domainIndex(spec: ModelSpec, domain: string | number): number {
  const names = Array.from({ length: spec.domains?.count ?? 0 }, (_, index) => domainName(spec, index));
  const index = typeof domain === "number" ? domain : names.indexOf(domain);
  if (index >= 0 && index < names.length) return index;
  throw new DataError({
    path: "counterfactual",
    message: "there is no such domain",
    received: JSON.stringify(domain),
    expected:
      names.length === 0 ? "a model with domains" : `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`,
    fix: didYouMean(String(domain), names),
  });
}

async function gateMeans(engine: Engine, data: EncodedData): Promise<GateMean[]> {
  const count = engine.spec.domains?.count ?? 0;
  const sums: { site: Omit<GateMean, "overall" | "domains">; parts: Float64Array[]; rows: number[] }[] = [];
  for (const rows of batchesOf(data.rows)) {
    const gates = await engine.gates({ data, rows });
    gates.forEach(({ module, tower, layer, units, values }, index) => {
      sums[index] ??= {
        site: { module, tower, layer },
        parts: Array.from({ length: count + 1 }, () => new Float64Array(units)),
        rows: new Array<number>(count + 1).fill(0),
      };
      const own = sums[index];
      rows.forEach((row, at) => {
        for (const part of count === 0 ? [0] : [0, 1 + (data.domains?.[row] ?? 0)]) {
          const sum = own.parts[part] as Float64Array;
          own.rows[part] = (own.rows[part] as number) + 1;
          for (let unit = 0; unit < units; unit++)
            sum[unit] = (sum[unit] as number) + (values[at * units + unit] as number);
        }
      });
    });
  }
  return sums.map(({ site, parts, rows }) => {
    const means = parts.map((part, index) =>
      rows[index] === 0 ? null : part.map((sum) => sum / (rows[index] as number)),
    );
    return { ...site, overall: means[0] as Float64Array, domains: means.slice(1) };
  });
}

async function predictAll(
  engine: Engine,
  data: EncodedData,
  overrides: readonly GateOverride[] | undefined,
  signal: AbortSignal | undefined,
): Promise<TowerOutput[]> {
  const whole = engine.spec.towers.map(({ name, numClass }) => ({
    tower: name,
    logits: new Float32Array(data.rows * numClass),
    probabilities: new Float32Array(data.rows * numClass),
  }));
  for (const rows of batchesOf(data.rows)) {
    signal?.throwIfAborted();
    const outputs = await engine.predict({ data, rows }, overrides);
    outputs.forEach(({ logits, probabilities }, index) => {
      const start = ((rows[0] as number) * logits.length) / rows.length;
      whole[index]?.logits.set(logits, start);
      whole[index]?.probabilities.set(probabilities, start);
    });
  }
  return whole;
}

function* batchesOf(rows: number): Generator<Int32Array> {
  for (let start = 0; start < rows; start += batchRows) {
    yield Int32Array.from({ length: Math.min(batchRows, rows - start) }, (_, at) => start + at);
  }
}

function taskEffect(
  spec: ModelSpec,
  data: EncodedData,
  tower: TowerSpec,
  [before, after]: [TowerOutput, TowerOutput],
  numbers: Int32Array,
  drawing: { draws: number; seed: number; users: ArrayLike<number> | null },
): TaskEffect {
  const within = tower.taskSpace?.outWeight === 0 ? rowsInside(data, tower.taskSpace.indicatorLabel) : null;
  const all = within ?? Int32Array.from({ length: data.rows }, (_, row) => row);
  const parts = [all, ...rowsByDomain(data, within, spec.domains?.count ?? 0)];
  const labels = data.labels.get(tower.label) as Float32Array;
  const binary = tower.numClass === 1 && !tower.losses.some((loss) => loss.kind === "l2_loss");
  const metrics = parts.map((rows) =>
    binary ? difference(weightedAuc(after.logits, labels, rows), weightedAuc(before.logits, labels, rows)) : () => null,
  );
  const intervals = bootstrap(data.rows, metrics, drawing);
  const { numClass } = tower;
  const change = (row: number): number => {
    let largest = 0;
    for (let at = row * numClass; at < (row + 1) * numClass; at++) {
      const own = (after.logits[at] as number) - (before.logits[at] as number);
      if (!(Math.abs(own) <= Math.abs(largest))) largest = own;
    }
    return largest;
  };
  const effects = parts.map(
    (rows, part): Effect => ({
      rows: rows.length,
      auc: intervals[part] as Interval,
      logitChange: rows.length === 0 ? null : rows.reduce((sum, row) => sum + Math.abs(change(row)), 0) / rows.length,
    }),
  );
  const [overall, ...domains] = effects;
  const most = Array.from(all).sort((a, b) => Math.abs(change(b)) - Math.abs(change(a)) || a - b);
  return {
    tower: tower.name,
    overall: overall as Effect,
    domains,
    mostChanged: most.slice(0, mostChangedRows).map((row) => ({
      row: numbers[row] as number,
      domain: spec.domains === null ? null : (data.domains?.[row] ?? null),
      before: before.probabilities[row * numClass + numClass - 1] as number,
      after: after.probabilities[row * numClass + numClass - 1] as number,
      logitChange: change(row),
    })),
  };
}

function userOf(
  spec: ModelSpec,
  data: EncodedData,
  named: string | undefined,
): { name: string; ids: Int32Array } | null {
  const key = spec.towers
    .flatMap((tower) => tower.metrics)
    .flatMap((metric) => (metric.kind === "grouped_auc" ? [metric.groupingKey] : []))[0];
  const name = named ?? key;
  const column = name === undefined ? undefined : data.features.get(name);
  if (column?.kind === "ids") return { name: name as string, ids: column.ids };
  if (named === undefined) return null;
  const ids = [...data.features].flatMap(([feature, { kind }]) => (kind === "ids" ? [feature] : []));
  throw new DataError({
    path: "counterfactual: user",
    message: "the model has no id feature of this name",
    received: JSON.stringify(named),
    expected: `one of ${ids.join(", ")}`,
    fix: didYouMean(named, ids),
  });
}
