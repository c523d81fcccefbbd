/**
 * Faults of a model's layers and tables: parts that no gradient reaches, units that never act, weights that never
 * moved.
 */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import { createWeights } from "../../core/engine/core/weight-store.js";
import type { Engine, Weights } from "../../core/engine/engine.js";
import { moduleParameters, type Parameter } from "../../core/nn/plan/parameters.js";
import {
  matrixNames,
  type Plan,
  perceptronName,
  ppnetLinearName,
  readViews,
  towerName,
} from "../../core/nn/plan/plan.js";
import { findFeature } from "../../core/spec/feature/feature.js";
import { domainName, type GroupName, groupFeatures } from "../../core/spec/model.js";
import { columnsIn, type TableUse, tableUses } from "../../core/spec/sizes.js";
import { getOrMake, joinFloats } from "../../core/util/growing.js";
import { dot, everyRow, sum } from "../../core/util/numbers.js";
import { count, fixed, percent } from "../../core/util/text.js";
import { type AuditPlace, fewestRows, fewRows, measuredPlace } from "./audit-checks.js";
import { rowBatches } from "./sample.js";
import type { Gap } from "./types.js";

/** Gradients are computed on about this number of rows, with at most its share of each domain. */
const gradientRows = 16_384;
/** A correlation of weights with their start is beyond chance above this number of standard errors. */
const beyondChance = 8;
/** Averages of equal weights may differ by rounding. */
const rounding = 1e-6;

/** A weight matrix, or a parameter of a custom layer. */
interface Layer {
  /** A module, or a task's tower in a domain. */
  readonly part: string;
  readonly name: string;
  readonly weight: Parameter;
  /** The only domain whose rows reach it; `null`: all domains do. */
  readonly domain: number | null;
}

const titles: Readonly<Record<string, string>> = {
  epnet: "EPNet",
  ppnet: "PPNet",
  mmoe: "MMoE",
  star: "STAR",
  layers: "layer",
};

function listLayers(plan: Plan): Layer[] {
  return moduleParameters(plan).flatMap(([module, parameters]) => {
    const matrices = parameters.filter(({ shape }) => shape.length > 1 || module.startsWith("layers"));
    return matrices.map((weight) => ({ ...layerOf(plan, module, weight.name), weight }));
  });
}

export function layerOf(plan: Plan, module: string, parameter: string): Pick<Layer, "part" | "name" | "domain"> {
  const [kind, ...names] = module.split(".") as [string, ...string[]];
  const title = [titles[kind] ?? kind, ...names].join(" ");
  const perTask = kind === "ppnet" ? plan.spec.ppnet.hidden.length : Number.POSITIVE_INFINITY;
  const tower = plan.towers > 1 ? /_task_tower\.(\d+)/.exec(parameter) : null;
  const domain = tower && Number(tower[1]) % plan.towers;
  const part = domain === null ? title : `${title} in ${domainName(plan.spec, domain)}`;
  const depth = /\.(?:mlp|linears|gate_nus)\.(\d+)\./.exec(parameter);
  const last = kind === "tower" ? ", last layer" : "";
  const layer = depth === null ? last : `, layer ${1 + (Number(depth[1]) % perTask)}`;
  return { part, name: `${part}${layer}${parameter.includes(".gate_nu") ? ", gate" : ""}`, domain };
}

/** The matrices that read each matrix's output. The towers of every domain read a task's last layer before them. */
function listReaders(plan: Plan): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  const chain = (names: readonly string[]): void => {
    for (const [at, name] of names.slice(1).entries()) getOrMake(readers, names[at]!, () => []).push(name);
  };
  for (const { index, ppnet, mlp } of plan.tasks) {
    const hidden = plan.experts > 0 ? [] : ppnet.map((_, at) => `${ppnetLinearName(plan, index, at)}.weight`);
    chain(hidden);
    for (let domain = 0; domain < plan.towers; domain++) {
      const tower = towerName(plan, index, domain);
      const layers = mlp.map((_, at) => `${perceptronName(tower, at)}.0.weight`);
      chain([...hidden.slice(-1), ...layers, `${tower}.linear.weight`]);
    }
  }
  for (const { name } of moduleParameters(plan).flatMap(([, parameters]) => parameters))
    if (name.endsWith("dense_layers.0.weight")) chain([name, name.replace("layers.0", "layers.2")]);
  return readers;
}

/**
 * Sums of gradients' sizes over batches, by parameter and by input column, and mean losses. `reaches`: whether one is
 * not 0.
 */
async function measuredGradients(engine: Engine, data: EncodedData, counts: readonly number[]) {
  const most = gradientRows / Math.max(1, counts.filter((rows) => rows > 0).length);
  const passed = counts.map(() => 0);
  const rows = Int32Array.from({ length: data.rows }, (_, row) => row).filter((row) => {
    const domain = data.domains?.[row] ?? 0;
    return passed[domain]!++ % Math.ceil(counts[domain]! / most) === 0;
  });
  const sizes = new Map<string, Float64Array>();
  const losses = engine.spec.towers.map(() => 0);
  for (const places of rowBatches(rows.length)) {
    const part = await engine.gradients({ data, rows: places.map((at) => rows[at]!) });
    for (const [name, values] of [...part.dense, ...part.columns]) {
      const size = getOrMake(sizes, name, () => new Float64Array(values.length));
      for (let at = 0; at < size.length; at++) size[at]! += Math.abs(values[at]!);
    }
    for (const [task, loss] of part.losses.entries()) losses[task]! += (loss * places.length) / rows.length;
  }
  const reaches = (name: string, from = 0, to?: number): boolean =>
    sizes
      .get(name)
      ?.subarray(from, to)
      .some((size) => size > 0) ?? false;
  return { rows: count(rows.length, "row"), sizes, losses, reaches };
}

type Measured = Awaited<ReturnType<typeof measuredGradients>>;

/** Audits layers and tables. `losses` of the result: by task, with its weight; `null` if not measured. */
export async function auditLayers(
  engine: Engine,
  plan: Plan,
  data: EncodedData,
  weights: Weights,
): Promise<{ readonly facts: readonly (AuditPlace | Gap)[]; readonly losses: readonly number[] | null }> {
  const layers = listLayers(plan);
  const counts = rowCounts(data, plan.spec.domains?.count ?? 0);
  const gradients = await measuredGradients(engine, data, counts);
  const start = startFacts(plan, layers, data, weights, counts);
  const isBroken = [...gradients.sizes.values()].some((size) => !size.every(Number.isFinite));
  if (data.rows < fewestRows || isBroken) {
    const reason = isBroken ? "a gradient is not finite" : fewRows(data.rows);
    return { facts: [{ what: "gradients, units and losses", reason }, ...start], losses: null };
  }
  const measured = layers.filter(({ domain }) => domain === null || counts[domain]! >= fewestRows);
  const facts = [...gradientFacts(plan, measured, gradients), ...inputFacts(plan, gradients)];
  const cut = new Set(facts.flatMap(({ judge, path, size }) => (judge === "no gradient" && size >= 1 ? [path] : [])));
  const others = start.filter((each) => !("judge" in each && each.judge === "never trained" && cut.has(each.path)));
  return { facts: [...facts, ...others], losses: gradients.losses };
}

/** The number of rows by domain; one number without domains. */
function rowCounts({ domains, rows }: EncodedData, domainCount: number): number[] {
  if (domains === null || domainCount === 0) return [rows];
  const counts = Array.from({ length: domainCount }, () => 0);
  for (const domain of domains) counts[domain]! += 1;
  return counts;
}

function byPart(layers: readonly Layer[]): [part: string, members: readonly Layer[]][] {
  const parts = [...new Set(layers.map(({ part }) => part))];
  return parts.map((part) => [part, layers.filter((layer) => layer.part === part)]);
}

/**
 * Faults of gradients. A unit is dead if no matrix that reads it gets a gradient for it, although the matrix gets one
 * for its bias or other units. Small layers start with many dead units, so a layer is a fault only beyond that chance.
 */
function gradientFacts(plan: Plan, layers: readonly Layer[], { sizes, rows, reaches }: Measured): AuditPlace[] {
  const readers = listReaders(plan);
  const isLit = (weight: string): boolean => reaches(weight) || reaches(weight.replace(/weight$/, "bias"));
  const idle = new Set<Layer>();
  const dead = layers.flatMap((layer): AuditPlace[] => {
    const units = layer.weight.shape[0]!;
    const lit = (readers.get(layer.weight.name) ?? []).filter(isLit);
    if (lit.length === 0) return [];
    const live = new Uint8Array(units);
    for (const size of lit.map((reader) => sizes.get(reader)!))
      for (let at = 0; at < size.length; at++) if (size[at]! > 0) live[at % units] = 1;
    const share = 1 - sum(live) / units;
    if (share === 1) idle.add(layer);
    const evidence = `${percent(share)} of ${count(units, "unit")} are 0 on all rows that reach them, of ${rows}`;
    return [measuredPlace("dead units", layer.name, share / Math.min(0.9, 0.5 + 1.75 / Math.sqrt(units)), evidence)];
  });
  const parts = byPart(layers).map(([part, members]) => {
    const cut = members.flatMap((layer) => (idle.has(layer) || isLit(layer.weight.name) ? [] : [layer.name]));
    const which = cut.length === 0 ? "" : `: ${cut.join("; ")}`;
    const evidence = `${cut.length} of ${count(members.length, "layer")} get a gradient of exactly 0 on ${rows}${which}`;
    return measuredPlace("no gradient", part, cut.length, evidence);
  });
  return [...dead, ...parts];
}

/** Features none of whose columns gets a gradient, in any group or sequence. */
function inputFacts(plan: Plan, { rows, reaches }: Measured): AuditPlace[] {
  const { spec } = plan;
  const reached = new Map<string, boolean>();
  for (const matrix of matrixNames(plan)) {
    const view = readViews(plan).find(({ name }) => matrix.endsWith(`.${name}`));
    const group = (view?.group ?? matrix) as GroupName;
    const ofView = matrix.startsWith("query.") ? view?.query : view?.sequence;
    let from = 0;
    for (const name of ofView ?? groupFeatures(spec, group) ?? []) {
      const to = from + columnsIn(spec, group, findFeature(spec, name)!);
      reached.set(name, reaches(matrix, from, to) || reached.get(name) === true);
      from = to;
    }
  }
  return [...reached].map(([name, isReached]) => {
    const evidence = `${isReached ? "columns of it get" : "no column of it gets"} a gradient on ${rows}`;
    return measuredPlace("no gradient", `feature ${name}`, isReached ? 0 : 1, evidence);
  });
}

/** Sizes of weights, and arrays that equal those of the seed. */
function startFacts(
  plan: Plan,
  layers: readonly Layer[],
  data: EncodedData,
  weights: Weights,
  counts: readonly number[],
): (AuditPlace | Gap)[] {
  const { parameters, tables } = createWeights(plan, plan.spec.training.seed, null);
  const before = new Map([...parameters, ...tables.values()].map(({ name, values }) => [name, values]));
  const pair = (name: string) => [weights.get(name)!.data, before.get(name)!] as const;
  const isKnown = layers.some(({ weight: { name } }) => correlation(...pair(name)) > beyondChance);
  const large = layers.flatMap(({ name, weight }): AuditPlace[] => {
    const [size, start] = pair(weight.name).map((values) => Math.sqrt(dot(values, values) / values.length));
    const evidence = `their root mean square is ${fixed(size)}, at the start ${fixed(start)}`;
    return Number.isFinite(size) && start! > 0 ? [measuredPlace("large weights", name, size! / start!, evidence)] : [];
  });
  const parts = byPart(layers).map(([part, members]) => {
    const equal = members.filter(({ weight }) => equals(...pair(weight.name))).length;
    const evidence = `${equal} of ${count(members.length, "layer")} equal those before training`;
    const { domain } = members[0]!;
    if (domain === null) return measuredPlace("never trained", part, equal, evidence);
    const rows = `${count(counts[domain]!, "row")} of the data are of its domain`;
    return measuredPlace("untrained towers", part, equal / members.length, `${evidence}; ${rows}`);
  });
  const exchanged = isKnown ? towerFacts(plan, layers, pair) : [];
  const tableFacts = tableUses(plan.spec).flatMap((use) => rowFacts(use, data, pair(use.parameter), isKnown));
  const gap = {
    what: "whether training changed layers, towers and rows",
    reason: "their start is unknown: the weights do not come from the model's seed",
  };
  return [...large, ...tableFacts, ...exchanged, ...(isKnown ? parts : [gap])];
}

/** Facts on the tables' rows that occur in the data. */
function rowFacts(
  { feature: { name }, dim }: TableUse,
  data: EncodedData,
  [values, before]: readonly [Float32Array, Float32Array],
  isKnown: boolean,
): AuditPlace[] {
  const column = data.features.get(name);
  const ids = column === undefined || column.kind === "dense" ? [] : [...column.ids].filter((id) => id >= 0);
  const met = [...new Set(ids)];
  const vector = (of: Float32Array, id: number): Float32Array => of.subarray(id * dim, (id + 1) * dim);
  const largest = met.reduce((most, id) => Math.max(most, ...vector(values, id).map(Math.abs)), 0);
  if (met.length === 0 || !Number.isFinite(largest)) return [];
  const size = `the largest value of the ${count(met.length, "row")} that the data meet is ${fixed(largest, 2)}`;
  const same = new Set(met.filter((id) => equals(vector(values, id), vector(before, id))));
  const share = ids.filter((id) => same.has(id)).length / ids.length;
  const evidence = `${percent(share)} of ${count(ids.length, "look-up")} meet rows that training never changed, ${same.size} of ${count(met.length, "row")}`;
  const check = equals(values, before) ? "never trained" : "untouched rows";
  const start = isKnown ? [measuredPlace(check, `feature ${name}`, share, evidence)] : [];
  return [
    measuredPlace("large weights", `feature ${name}`, largest, size),
    ...start,
    ...equalFacts(name, dim, met, values, before),
    ...(isKnown ? constantFacts(name, dim, data, met, values, before) : []),
    ...(isKnown ? shiftFacts(name, dim, values, before) : []),
  ];
}

/** Two rows count as equal if their largest difference is below this share of the initial size. */
const equalShare = 1e-4;

function equalFacts(
  name: string,
  dim: number,
  met: readonly number[],
  values: Float32Array,
  before: Float32Array,
): AuditPlace[] {
  if (met.length < 2) return [];
  let spread = 0;
  for (let at = 0; at < dim; at++) {
    const column = met.map((id) => values[id * dim + at]!);
    spread = Math.max(spread, column.reduce((a, b) => Math.max(a, b)) - column.reduce((a, b) => Math.min(a, b)));
  }
  const start = Math.sqrt(dot(before, before) / before.length) || 1;
  const evidence = `${count(met.length, "row")} that the data meet differ by up to ${spread.toPrecision(2)}`;
  return [measuredPlace("equal rows", `feature ${name}`, (equalShare * start) / spread, evidence)];
}

/** A column with one value on rows of several domains, where training changed the rows of other values. */
function constantFacts(
  name: string,
  dim: number,
  { domains, rows }: EncodedData,
  met: readonly number[],
  values: Float32Array,
  before: Float32Array,
): AuditPlace[] {
  if (rows < fewestRows || domains?.every((domain) => domain === domains[0]) === true) return [];
  const place = `feature ${name}`;
  const one = `it has ${count(met.length, "value")} on ${count(rows, "row")}`;
  if (met.length > 1) return [measuredPlace("constant column", place, 0, one)];
  const [only] = met;
  const others = everyRow(values.length / dim).filter((id) => {
    const [from, to] = [id * dim, (id + 1) * dim];
    return id !== only && !equals(values.subarray(from, to), before.subarray(from, to));
  }).length;
  const evidence = `${one}; training changed the table's rows of ${count(others, "other value")}`;
  return [measuredPlace("constant column", place, others, evidence)];
}

const shifts = [1, -1, 2, -2, 3, -3];
/** By chance, none of them correlates with this number of errors. */
const beyondShifts = 5;

/** Rows that correlate with the initial values of their neighbours rather than with their own. */
function shiftFacts(name: string, dim: number, values: Float32Array, before: Float32Array): AuditPlace[] {
  if (values.length < dim * 8) return [];
  const at = (shift: number): number => {
    const moved = before.map((_, place) => before[(place + shift * dim + before.length) % before.length]!);
    return correlation(values, moved);
  };
  const [home, ...others] = [0, ...shifts].map(at) as [number, ...number[]];
  const most = Math.max(...others);
  const evidence = `its rows correlate with their own start by ${fixed(home, 1)} errors of chance, with that of rows ${shifts[others.indexOf(most)]} away by ${fixed(most, 1)}`;
  return [measuredPlace("shifted rows", `feature ${name}`, most / Math.max(beyondShifts, home), evidence)];
}

/** With more domains, towers are not compared with each other. */
const mostTowers = 64;

/** Towers of two domains that correlate with each other's initial values rather than with their own. */
function towerFacts(
  { spec }: Plan,
  layers: readonly Layer[],
  pair: (name: string) => readonly [Float32Array, Float32Array],
): AuditPlace[] {
  const towers = byPart(layers.filter(({ domain }) => domain !== null)).map(([part, members]) => {
    const domain = domainName(spec, members[0]!.domain!);
    const arrays = members.map(({ weight }) => pair(weight.name));
    const [values, start] = [arrays.map(([value]) => value), arrays.map(([, before]) => before)].map(joinFloats);
    return { part, domain, task: part.slice(0, -domain.length), values: values!, start: start! };
  });
  if (towers.length > mostTowers) return [];
  return towers.flatMap((a, at) =>
    towers.slice(at + 1).flatMap((b): AuditPlace[] => {
      if (a.task !== b.task || a.values.length !== b.values.length) return [];
      const home = Math.max(correlation(a.values, a.start), correlation(b.values, b.start));
      const crossed = Math.min(correlation(a.values, b.start), correlation(b.values, a.start));
      const evidence = `their weights correlate with their own start by ${fixed(home, 1)} errors of chance, with each other's by ${fixed(crossed, 1)}`;
      const excess = Math.max(0, crossed) / Math.max(beyondChance, home);
      return [measuredPlace("exchanged towers", `${a.part} and ${b.domain}`, excess, evidence)];
    }),
  );
}

function equals(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, at) => Math.abs(value - b[at]!) <= rounding * Math.abs(b[at]!));
}

/** The correlation of two arrays, in standard errors of chance. */
function correlation(a: Float32Array, b: Float32Array): number {
  return (dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) * Math.sqrt(a.length);
}
