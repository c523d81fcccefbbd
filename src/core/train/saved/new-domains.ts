/** Weights for a model with new domains, whose towers and embedding rows start from those of another domain. */
import { idRule, isOutside, notAnId, rowOfAnswer } from "../../data/encode/rows-of-ids.js";
import { resolveVocabularies } from "../../data/encode/vocabulary.js";
import { type EncodedRows, measuredColumns } from "../../data/encoded/streamed.js";
import type { Weight, Weights } from "../../engine/engine.js";
import { CheckpointError, type Problem, SpecError } from "../../errors/index.js";
import { expressionColumn, type FeatureSpec, type IdFeatureSpec, inputColumn } from "../../spec/feature/feature.js";
import { listDomainNames, type ModelSpec, towersPerTask } from "../../spec/model.js";
import { tableUses } from "../../spec/sizes.js";
import { unknownName } from "../../spec/validate/checks.js";
import { didYouMean, listNames } from "../../util/names.js";
import { mean } from "../../util/numbers.js";
import { count } from "../../util/text.js";
import { averageSuffix } from "./weights.js";

/**
 * By new domain (its name or number): the domain of the weights from which it starts, several whose mean it starts from, or
 * `null` for initial values. `D`: domains.
 * @example
 * await model.fit(data, { weights: "runs/first", newDomains: { live: "feed" } });
 */
export type NewDomains<D extends string = string> = {
  readonly [Domain in D | number]?: D | number | readonly (D | number)[] | null;
};

/** The number of each new domain, and of those that it starts from; empty: initial values. */
export type DomainStarts = ReadonlyMap<number, readonly number[]>;

/** Throws a SpecError with every name that is not a domain of the model, or that is new itself. */
export function domainStarts(spec: ModelSpec, newDomains: NewDomains, call = "fit: newDomains"): DomainStarts {
  const names = listDomainNames(spec);
  if (names.length === 0) {
    const fix = 'add .domains("scene", ["feed", "live"])';
    throw new SpecError({ path: call, message: "the model has no domains", expected: "a model with domains", fix });
  }
  const entries = Object.entries(newDomains).filter((entry) => entry[1] !== undefined);
  const problems: Problem[] = [];
  const places = entries.map(([name]) => domainIndex(names, name));
  const others = names.filter((_, each) => !places.includes(each));
  const starts = new Map<number, readonly number[]>();
  for (const [at, [name, from]] of entries.entries()) {
    const path = `${call}.${name}`;
    if (places[at]! < 0) problems.push(unknownName(path, "domain", name, names));
    const sources = from === null ? [] : ([from].flat() as (string | number)[]);
    const indices = sources.map((source) => domainIndex(names, source));
    for (const [each, index] of indices.entries()) {
      const received = String(sources[each]);
      if (index < 0) problems.push(unknownName(path, "domain", received, names));
      else if (places.includes(index)) {
        problems.push({
          path,
          message: `${names[index]} is new too, so the weights have no tower of it`,
          received,
          expected: others.length === 0 ? "null: initial values" : `null, or one of ${listNames(others)}`,
        });
      }
    }
    starts.set(places[at]!, indices);
  }
  if (problems.length > 0) throw new SpecError(problems);
  return starts;
}

/** By name, or by number; −1: neither. */
function domainIndex(names: readonly string[], name: string | number): number {
  const at = names.indexOf(String(name));
  if (at >= 0 || !/^\d+$/.test(String(name))) return at;
  return Number(name) < names.length ? Number(name) : -1;
}

/** The starting weights of a model with new domains. */
export interface NewDomainStart {
  readonly spec: ModelSpec;
  /** The initial weights of the model. */
  readonly initial: Weights;
  readonly source: Weights;
  /** The spec of the source; `null`: not known. Then its domains are the model's, without the new ones if they are fewer. */
  readonly sourceSpec: ModelSpec | null;
  /** The source in errors. */
  readonly place: string;
  readonly starts: DomainStarts;
  /** Rows of the model, which show how the domain's features write it. */
  readonly rows: EncodedRows;
}

/** The weights of a model with new domains. */
export interface GrownWeights {
  readonly weights: Weights;
  /** A sentence for each new domain that names its start. */
  readonly starts: readonly string[];
  /** The parts that do not start from another domain. */
  readonly notes: readonly string[];
}

/**
 * The source's weights under the names of the model. The towers of a new domain, in all tasks, and its rows in the
 * tables of features that read the domain's column start from those of another domain, or (`null`) keep their initial
 * values.
 * @throws CheckpointError if the source does not have the model's other domains
 */
export async function newDomainWeights(start: NewDomainStart): Promise<GrownWeights> {
  const { spec, starts } = start;
  const origins = sourceDomains(start);
  const weights = new Map([...start.source].filter(([name]) => !towerPattern.test(name)));
  const tasks = setTowers(weights, start, origins);
  const notes: string[] = [];
  const tables = await setRows(weights, start, notes);
  const names = listDomainNames(spec);
  const parts = [
    tasks.length === 0 ? "" : `its towers (${tasks.join(", ")})`,
    tables.length === 0 ? "" : rowsText(tables),
  ];
  const what = parts.filter((part) => part !== "").join(" and ");
  const sentences = [...starts].map(([domain, from]) => {
    const sources = from.map((each) => names[each]!).join(", ");
    const values = from.length === 0 ? "initial values" : from.length === 1 ? sources : `the mean of ${sources}`;
    return `${names[domain]!} starts from ${values}: ${what === "" ? "no weight is of one domain" : what}`;
  });
  return { weights, starts: sentences, notes: [...new Set(notes)] };
}

function rowsText(features: readonly string[]): string {
  return `its ${features.length === 1 ? "row" : "rows"} of ${features.join(", ")}`;
}

const towerPattern = /^model\._task_tower\.(\d+)\.(.+)$/;

/** By domain of the model: its number in the source; `null`: it is new. */
function sourceDomains({ spec, source, sourceSpec, starts, place }: NewDomainStart): (number | null)[] {
  const names = listDomainNames(spec);
  const others = [...names.keys()].filter((domain) => !starts.has(domain));
  const placed = (places: readonly number[]): (number | null)[] =>
    names.map((_, domain) => (starts.has(domain) ? null : places[others.indexOf(domain)]!));
  if (spec.domains?.names != null && sourceSpec?.domains?.names != null) {
    const sourceNames = listDomainNames(sourceSpec);
    const missing = others.filter((domain) => !sourceNames.includes(names[domain]!));
    if (missing.length === 0) return placed(others.map((domain) => sourceNames.indexOf(names[domain]!)));
    throw new CheckpointError(
      missing.map((domain): Problem => {
        const name = names[domain]!;
        return {
          path: `${place}: domain ${name}`,
          message: "the weights have no such domain",
          expected: `one of ${listNames(sourceNames)}, or a start in newDomains`,
          fix:
            didYouMean(name, sourceNames) ??
            `newDomains: { ${JSON.stringify(name)}: ${JSON.stringify(sourceNames[0])} }`,
        };
      }),
    );
  }
  const towers = new Set([...source.keys()].flatMap((name) => towerPattern.exec(name)?.[1] ?? []));
  const perTask = towersPerTask(spec) === 1 ? names.length : towers.size / (sourceSpec ?? spec).towers.length;
  if (perTask === names.length) return placed(others);
  if (perTask === others.length) return placed([...others.keys()]);
  throw new CheckpointError({
    path: place,
    message: "the weights have another number of domains",
    received: `${count(towers.size, "tower")} for ${count((sourceSpec ?? spec).towers.length, "task")}`,
    expected: `towers of ${listNames(others.map((domain) => names[domain]!))}, with or without the new domains`,
    fix: "name every domain that the weights lack in newDomains",
  });
}

/** Puts towers under the model's names. Returns the tasks. */
function setTowers(weights: Map<string, Weight>, start: NewDomainStart, origins: readonly (number | null)[]): string[] {
  const { spec, source, sourceSpec, initial, starts } = start;
  if (towersPerTask(spec) === 1) {
    for (const [name, weight] of source) if (towerPattern.test(name)) weights.set(name, weight);
    return [];
  }
  const byTower = new Map<number, [rest: string, weight: Weight][]>();
  for (const [name, weight] of source) {
    const [, tower, rest] = towerPattern.exec(name) ?? [];
    if (tower === undefined) continue;
    const parts = byTower.get(Number(tower)) ?? [];
    parts.push([rest!, weight]);
    byTower.set(Number(tower), parts);
  }
  const sourceTasks = (sourceSpec ?? spec).towers.map(({ name }) => name);
  const perTask = byTower.size / sourceTasks.length;
  const tasks: string[] = [];
  for (const [task, { name }] of spec.towers.entries()) {
    const place = sourceTasks.indexOf(name);
    if (place < 0) continue; // a new task: a weightMap says where its towers start
    tasks.push(name);
    const partsOf = (domain: number) => byTower.get(place * perTask + origins[domain]!) ?? [];
    for (const [domain, origin] of origins.entries()) {
      const prefix = `model._task_tower.${task * origins.length + domain}.`;
      const from = origin === null ? starts.get(domain)! : [domain];
      const [parts = [], ...others] = from.map(partsOf);
      for (const [at, [rest, weight]] of parts.entries()) {
        const all = [weight, ...others.map((each) => each[at]![1])];
        weights.set(`${prefix}${rest}`, meanWeight(all));
      }
      if (from.length > 0) continue;
      for (const [each, weight] of initial) if (each.startsWith(prefix)) weights.set(each, weight);
    }
  }
  const averaged = [...source.keys()].some((name) => name.endsWith(averageSuffix));
  for (const [name, weight] of averaged ? [...weights] : []) {
    const average = `${name}${averageSuffix}`;
    if (towerPattern.test(name) && !name.endsWith(averageSuffix) && !weights.has(average)) weights.set(average, weight);
  }
  return tasks;
}

/** Of arrays of one shape. */
function meanWeight(weights: readonly Weight[]): Weight {
  if (weights.length === 1) return weights[0]!;
  const { shape, data } = weights[0]!;
  return { shape, data: data.map((_, at) => mean(weights.map((each) => each.data[at]!))) };
}

/** Sets the rows of domains in the tables of features that read the domain. Returns the features. */
async function setRows(weights: Map<string, Weight>, start: NewDomainStart, notes: string[]): Promise<string[]> {
  const { spec, sourceSpec, source, initial, place } = start;
  const resolved = resolveVocabularies(spec);
  const before = sourceSpec === null ? null : resolveVocabularies(sourceSpec);
  const names = new Set<string>();
  const problems: Problem[] = [];
  for (const { feature, parameter } of tableUses(resolved)) {
    if (!readsDomain(resolved, feature)) {
      if (crossesDomain(resolved, feature)) notes.push(`${feature.name} crosses the domain: its new ids are untrained`);
      continue;
    }
    const [table, initialTable] = [source.get(parameter), initial.get(parameter)];
    if (table === undefined || initialTable === undefined) continue; // loading reports it
    const earlier = before?.features.find(({ name }) => name === feature.name) ?? null;
    const writing = await writingOf(resolved, feature as IdFeatureSpec, start.rows);
    const rowsIn = (each: FeatureSpec): Int32Array => domainRows(resolved, each as IdFeatureSpec, writing);
    const isResized = table.shape[0] !== initialTable.shape[0];
    if (isResized && earlier === null && (feature as IdFeatureSpec).encoding.kind === "hash") {
      problems.push({
        path: `${place}: ${parameter}`,
        message: "the table had another number of hashed rows, so ids had other rows",
        received: `${count(table.shape[0]!, "row")}`,
        expected: `${count(initialTable.shape[0]!, "row")}, or the folder of a run, which says how ids were hashed`,
      });
      continue;
    }
    const to = rowsIn(feature);
    const from = earlier === null ? to : rowsIn(earlier);
    const moved = { table, initialTable, to, from, feature: feature.name };
    weights.set(parameter, movedRows(start, moved, notes));
    const average = source.get(`${parameter}${averageSuffix}`);
    if (average !== undefined)
      weights.set(`${parameter}${averageSuffix}`, movedRows(start, { ...moved, table: average }, []));
    names.add(feature.name);
  }
  if (problems.length > 0) throw new CheckpointError(problems);
  return [...names];
}

interface MovedRows {
  readonly table: Weight;
  readonly initialTable: Weight;
  /** By domain: its row in the model's table, and in the source's. */
  readonly to: Int32Array;
  readonly from: Int32Array;
  readonly feature: string;
}

function movedRows(
  { spec, starts }: NewDomainStart,
  { table, initialTable, to, from, feature }: MovedRows,
  notes: string[],
): Weight {
  const [rows = 0, width = 0] = initialTable.shape;
  const sourceRows = table.shape[0]!;
  const data = initialTable.data.slice();
  if (to.every((row, domain) => row === from[domain]))
    data.set(table.data.subarray(0, Math.min(rows, sourceRows) * width));
  const names = listDomainNames(spec);
  const others = [...to.keys()].filter((domain) => !starts.has(domain));
  const copy = (domain: number, origins: readonly number[]): void => {
    const taken = origins.map((origin) => from[origin]!).filter((row) => row >= 0 && row < sourceRows);
    if (taken.length === 0 || to[domain]! < 0) return;
    const vectors = taken.map((row) => ({ shape: [width], data: table.data.subarray(row * width, (row + 1) * width) }));
    data.set(meanWeight(vectors).data, to[domain]! * width);
  };
  for (const domain of others) copy(domain, [domain]);
  for (const [domain, start] of starts) {
    const shared = others.find((other) => to[other] === to[domain]);
    if (shared !== undefined) {
      notes.push(`${feature}: ${names[domain]!} has the same row as ${names[shared]!}, which stays`);
    } else if (start.length > 0) copy(domain, start);
    else if (to[domain]! >= 0) {
      const at = to[domain]! * width;
      data.set(initialTable.data.subarray(at, at + width), at);
    }
  }
  return { shape: initialTable.shape, data };
}

function readsDomain(spec: ModelSpec, feature: FeatureSpec): boolean {
  return feature.kind === "id" && feature.sequence === undefined && inputColumn(feature) === spec.domains?.column;
}

function crossesDomain(spec: ModelSpec, feature: FeatureSpec): boolean {
  return (
    feature.kind === "combo" && feature.expressions.some((each) => expressionColumn(each) === spec.domains?.column)
  );
}

/** By domain: its row in the table; −1: none. @param writing whether the column has the domains' names, or numbers */
function domainRows(spec: ModelSpec, feature: IdFeatureSpec, writing: "names" | "numbers"): Int32Array {
  const rule = idRule(feature, false);
  return Int32Array.from(listDomainNames(spec), (name, domain) => {
    const answer = writing === "names" ? rule.row(name) : rule.rowOfNumber(domain);
    return answer === notAnId ? -1 : rowOfAnswer(answer);
  });
}

/** As the rows write it, otherwise as the vocabulary does. */
async function writingOf(spec: ModelSpec, feature: IdFeatureSpec, rows: EncodedRows): Promise<"names" | "numbers"> {
  if (spec.domains?.names == null) return "numbers";
  const { domains, features } = await measuredColumns(rows, new Set([feature.name]));
  const column = features.get(feature.name);
  const byName = domainRows(spec, feature, "names");
  const byNumber = domainRows(spec, feature, "numbers");
  if (column?.kind === "ids" && domains !== null) {
    for (const [row, domain] of domains.entries()) {
      if (byName[domain] === byNumber[domain]) continue;
      return column.ids[row] === byName[domain] ? "names" : "numbers";
    }
  }
  const rule = idRule(feature, false);
  const isNamed = listDomainNames(spec).some((name) => rule.row(name) !== notAnId && !isOutside(rule.row(name)));
  return isNamed ? "names" : "numbers";
}
