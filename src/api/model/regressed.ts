/** A logistic regression on the newest rows of a log, with priors and without them. */
import { rawFeature } from "../../core/builder/raw-feature.js";
import { isBinary, type ModelSpec } from "../../core/spec/model.js";
import type { Dataset } from "../data/dataset.js";
import { pepnet } from "./model.js";

/** For larger logs, only the newest rows are used. */
const mostRows = 50_000;

export async function newestRows(data: Dataset): Promise<Dataset> {
  const older = data.rows - mostRows;
  return older <= 0 ? data : (await data.split({ older, newest: mostRows })).newest;
}

/** Training rows, and newer ones. */
export interface LogParts {
  readonly train: Dataset;
  readonly test: Dataset;
}

export function logParts(log: Dataset): Promise<LogParts> {
  return log.split({ train: 4, test: 1 }, { by: "time" });
}

/** The results of a logistic regression on the newest rows. */
export interface Regressed {
  /** By task. */
  readonly scores: ReadonlyMap<string, Float32Array>;
  readonly labels: ReadonlyMap<string, Float32Array>;
  readonly users: Int32Array | null;
}

/** @returns `null`: no task has both classes */
export async function regressed(spec: ModelSpec, { train, test }: LogParts): Promise<Regressed | null> {
  const { fitFeatures } = await import("../../core/data/fit-features.js");
  const { measuredColumns } = await import("../../core/data/encoded/streamed.js");
  const { fitLogisticRegression, logisticScores } = await import("../../core/train/logistic-regression.js");
  const fitted = await fitFeatures(spec, train.table);
  const regression = await fitLogisticRegression(fitted, await train.encode(fitted));
  if (regression === null) return null;
  const rows = await test.encode(fitted);
  return {
    scores: await logisticScores(regression, rows),
    labels: (await measuredColumns(rows, new Set())).labels,
    users: await usersOf(spec, test),
  };
}

export async function usersOf(spec: ModelSpec, { table }: Dataset): Promise<Int32Array | null> {
  const { resolveUsers } = await import("../data/dataset.js");
  return (await resolveUsers(spec, table, undefined)).column?.codes ?? null;
}

/** The columns that `priors` has added to a log. */
export function priorColumns(log: Dataset, more: Dataset): string[] {
  return more.columns.slice(log.columns.length).map(({ name }) => name);
}

export type Columns = Readonly<Record<string, readonly unknown[]>>;

export function columnsOf(part: Dataset, names: readonly string[]): Promise<Columns> {
  return part.select(...names).toColumns() as Promise<Columns>;
}

/** Without any history, a column of priors has one value. */
function varying(columns: Columns): string[] {
  return Object.keys(columns).filter((name) => columns[name]!.some((value) => value !== columns[name]![0]));
}

function withPriorFeatures(spec: ModelSpec, columns: readonly string[]): ModelSpec {
  const features = columns.map((name) => {
    return /_rate(_|$)/.test(name) ? rawFeature(name).zscore() : rawFeature(name).log1p().zscore();
  });
  return { ...spec, features: [...spec.features, ...pepnet().features(...features).spec.features] };
}

/** A change of AUC on the newest rows, with its interval over users. */
export interface AucGain {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
  /** The AUC without it. */
  readonly second: number;
}

/**
 * What columns of priors add, by label of binary tasks; a label with one class has none.
 * @param bare without them @param columns of priors, in the training rows
 */
export async function gainsOfPriors(
  spec: ModelSpec,
  bare: Regressed,
  parts: LogParts,
  columns: Columns,
): Promise<AucGain[]> {
  const { deLong } = await import("../../core/metrics/delong.js");
  const added = varying(columns);
  if (added.length === 0) return [];
  const full = await regressed(withPriorFeatures(spec, added), parts);
  return spec.towers.filter(isBinary).flatMap(({ name, label }): AucGain[] => {
    const [a, b, truths] = [full?.scores.get(name), bare.scores.get(name), bare.labels.get(label)];
    const difference = a && b && truths ? deLong(a, b, truths, { users: bare.users }) : null;
    return difference === null ? [] : [{ ...difference, label }];
  });
}

/** The gain of the label with the smallest p value, corrected for the number of labels. */
export function surestGain(gains: readonly AucGain[]): AucGain | null {
  const best = [...gains].sort((a, b) => a.pValue - b.pValue)[0];
  return best === undefined ? null : { ...best, pValue: Math.min(1, best.pValue * gains.length) };
}
