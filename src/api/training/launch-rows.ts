/** The rows of a launch: those of the other domains, the first ones of the new domain, and those used for measurement. */
import { measuredColumns } from "../../core/data/encoded/streamed.js";
import { DataError } from "../../core/errors/index.js";
import { needsFit } from "../../core/spec/feature/feature.js";
import { isBinary, listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { everyRow } from "../../core/util/numbers.js";
import { permutation, random } from "../../core/util/random.js";
import { count } from "../../core/util/text.js";
import type { LaunchStart } from "../../lab/launch/facts.js";
import type { Dataset } from "../data/dataset.js";

/** The rows that a launch sees. */
export interface LaunchedRows {
  /** Row numbers of the other domains, ascending. */
  readonly base: Int32Array;
  /** Row numbers of the domain, the first first. */
  readonly first: Int32Array;
  /** Row numbers among those to measure on, ascending. */
  readonly measured: Int32Array;
  readonly starts: readonly LaunchStart[];
  /** The column of times; `null`: a random order. */
  readonly time: string | null;
  readonly untimed: number;
  /** Other domains without rows. */
  readonly absent: readonly string[];
  /** Rows of other domains that are not earlier than the measured ones. */
  readonly later: number;
}

/** @param validation rows to measure on; `null`: the later half of the domain's. Throws a DataError if any are missing */
export async function launchedRows(
  spec: ModelSpec,
  domain: number,
  train: Dataset,
  validation: Dataset | null,
): Promise<LaunchedRows> {
  const names = listDomainNames(spec);
  const codes = await domainCodes(spec, train);
  const { time, times } = await timesOf(train);
  const [launchRows, others] = [
    rowsWhere(codes, (code) => code === domain),
    rowsWhere(codes, (code) => code !== domain),
  ];
  const timed = times === null ? launchRows : launchRows.filter((row) => !Number.isNaN(times[row]!));
  const ordered = inOrder(timed, times, spec.training.seed);
  const half = validation === null ? Math.ceil(ordered.length / 2) : ordered.length;
  const first = ordered.subarray(0, half);
  const measured =
    validation === null
      ? ordered.slice(half).sort()
      : rowsWhere(await domainCodes(spec, validation), (code) => code === domain);
  assertRows(names[domain]!, train, validation, first, measured);
  const begin = validation === null && times !== null ? times[ordered[half]!]! : Number.POSITIVE_INFINITY;
  const base = times === null || validation !== null ? others : others.filter((row) => times[row]! < begin);
  const present = new Set(base.map((row) => codes[row]!));
  const isAbsent = (_: string, each: number): boolean => each !== domain && !present.has(each);
  if (present.size === 0) throw nothingBefore(names[domain]!, train, others.length);
  return {
    base,
    first,
    measured,
    starts: startsOf(names, present),
    time,
    untimed: launchRows.length - timed.length,
    absent: names.filter(isAbsent),
    later: others.length - base.length,
  };
}

function startsOf(names: readonly string[], present: ReadonlySet<number>): LaunchStart[] {
  const domains = [...present].sort((a, b) => a - b);
  const each = domains.map((domain): LaunchStart => {
    return { name: `from ${names[domain]!}`, kind: "domain", domains: [domain] };
  });
  // The mean of one domain is that domain.
  const mean: LaunchStart[] = domains.length > 1 ? [{ name: "mean of others", kind: "mean", domains }] : [];
  return [...each, ...mean, { name: "nothing", kind: "nothing", domains: [] }];
}

/** Of every row. Features may have to be fitted, which requires the rows of the other domains, so only labels are encoded. */
async function domainCodes(spec: ModelSpec, rows: Dataset): Promise<Int32Array> {
  const probe = spec.features.some(needsFit) ? { ...spec, features: [], groups: [], layers: [] } : spec;
  return (await measuredColumns(await rows.encode(probe), new Set())).domains!;
}

async function timesOf({ table }: Dataset): Promise<{ time: string | null; times: Float64Array | null }> {
  const { time } = table.roles;
  if (time === undefined) return { time: null, times: null };
  const { asTimes } = await import("../../core/data/summary/row-groups.js");
  return { time, times: asTimes(time, (await table.read([time])).get(time)!, "launch") };
}

function rowsWhere(codes: Int32Array, takes: (code: number) => boolean): Int32Array {
  return everyRow(codes.length).filter((row) => takes(codes[row]!));
}

/** By time, then by row; else in a fixed random order. */
function inOrder(rows: Int32Array, times: Float64Array | null, seed: number): Int32Array {
  if (times !== null) return rows.slice().sort((a, b) => times[a]! - times[b]! || a - b);
  return permutation(rows.length, random(seed).fork("launch order")).map((at) => rows[at]!);
}

function assertRows(
  name: string,
  train: Dataset,
  validation: Dataset | null,
  first: Int32Array,
  measured: Int32Array,
): void {
  if (first.length > 0 && measured.length > 0) return;
  if (first.length > 0 && validation !== null) {
    throw new DataError({
      path: `launch: ${validation.table.source}`,
      message: `the validation rows have none of domain ${name}, so nothing is measured`,
      expected: `rows of ${name}`,
      fix: "leave validation out: the later half of its rows is measured",
    });
  }
  throw new DataError({
    path: `launch: ${train.table.source}`,
    message: `domain ${name} has too few rows to train on some and measure others`,
    received: count(first.length + (validation === null ? measured.length : 0), "row"),
    expected: `at least ${validation === null ? "2 rows" : "1 row"}${train.table.roles.time === undefined ? "" : " with a time"}`,
  });
}

function nothingBefore(name: string, { table }: Dataset, others: number): DataError {
  const path = `launch: ${table.source}`;
  if (others === 0) {
    return new DataError({
      path,
      message: `all rows are of domain ${name}, so there is no other domain to start from`,
      expected: "rows of other domains",
    });
  }
  return new DataError({
    path,
    message: `no row of another domain is earlier than the measured rows of ${name}`,
    received: `${count(others, "row")} of other domains, all later`,
    expected: "rows of other domains before",
    fix: "launch a later domain, or measure on other rows: { validation }",
  });
}

/** Throws a DataError if no binary task has both classes among the rows to measure. */
export async function assertClasses(spec: ModelSpec, name: string, rows: Dataset, measured: Int32Array): Promise<void> {
  const { labels } = await measuredColumns(await rows.encode(spec), new Set());
  const towers = spec.towers.filter(isBinary);
  const isMixed = towers.some(({ label }) => {
    const values = labels.get(label)!;
    const isPositive = values[measured[0]!]! > 0;
    return measured.some((row) => values[row]! > 0 !== isPositive);
  });
  if (isMixed) return;
  throw new DataError({
    path: `launch: ${rows.table.source}`,
    message: `the measured rows of domain ${name} are of one class, so there is no AUC`,
    received: `${count(measured.length, "row")}, labels ${towers.map(({ label }) => label).join(", ")}`,
    expected: "rows with and without the label",
    fix: "measure on more rows: { validation }",
  });
}
