/** How much the rows of some domains help others, measured by a study of trainings. */

import type { FeatureColumn } from "../../core/data/encoded/encoded.js";
import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { type ModelSpec, usedFeatures } from "../../core/spec/model.js";
import { fixed, grouped } from "../../core/util/text.js";
import type { StudyReport, StudyTask } from "./study.js";
import { domainRows } from "./train-run.js";

/** Rows of domains from which others may learn. */
export interface TransferSource {
  /** A domain, `all others`, `others than feed + live`, or `half of feed`; also the name of the study's variant. */
  readonly name: string;
  /** The domains of each separate model. */
  readonly parts: readonly (readonly number[])[];
  /** The domains that lack the source's rows in the variant. */
  readonly to: readonly number[];
  /** The domain that lacks half of its rows, if any. */
  readonly halved?: number;
}

/** A task whose metric is compared. */
export type TransferTask = Pick<StudyTask, "tower" | "within" | "metric">;

/** The gain of a domain's metric from the source's rows; positive if they help. */
export interface TransferHelp extends Interval {
  readonly task: TransferTask;
  readonly source: string;
  readonly domain: string;
  /** A sentence on what the interval shows, or on what would be needed to show more. */
  readonly says: string;
}

/** What domains learn from the rows of others. */
export interface Transfer {
  readonly tasks: readonly TransferTask[];
  readonly domainNames: readonly string[];
  readonly sources: readonly TransferSource[];
  readonly helps: readonly TransferHelp[];
  /** The column whose users intervals are over; `null`: rows. */
  readonly user: string | null;
  readonly evaluationRows: number;
  /** The study. */
  readonly report: StudyReport;
}

/** A domain's training rows. */
export interface DomainGround {
  readonly rows: number;
  /** Rows per value of the domain's id feature with the most values; `null`: there are no ids. */
  readonly rowsPerId: number | null;
}

/** Of each domain. */
export async function domainGrounds(spec: ModelSpec, train: EncodedRows): Promise<DomainGround[]> {
  const domains = await domainRows(spec, train);
  const most = domains.map(() => 0);
  for (const name of usedFeatures(spec)) {
    const column = (await measuredColumns(train, new Set([name]))).features.get(name);
    if (column === undefined || column.kind === "dense") continue;
    for (const [domain, rows] of domains.entries()) most[domain] = Math.max(most[domain]!, countIds(column, rows));
  }
  return domains.map(({ length: rows }, domain) => {
    return { rows, rowsPerId: most[domain] === 0 ? null : rows / most[domain]! };
  });
}

function countIds(column: Exclude<FeatureColumn, { kind: "dense" }>, rows: Int32Array): number {
  const values = new Set<number>();
  for (const row of rows) {
    const [from, to] = column.kind === "ids" ? [row, row + 1] : [column.offsets[row]!, column.offsets[row + 1]!];
    for (let at = from; at < to; at++) if (column.ids[at]! >= 0) values.add(column.ids[at]!);
  }
  return values.size;
}

/** @param grounds of each domain; unused without halves */
export function studyTransfer(
  report: StudyReport,
  sources: readonly TransferSource[],
  grounds: readonly DomainGround[],
): Transfer {
  const { tasks, domainNames, user, evaluationRows } = report;
  const helps = tasks.flatMap((task, t) =>
    domainNames.flatMap((domain, at) =>
      sources.flatMap(({ name, to, halved }): TransferHelp[] => {
        if (!to.includes(at)) return [];
        const variant = report.variants.find((each) => each.name === name);
        const difference = variant?.tasks[t]?.domains[at]?.difference ?? null;
        const { mean: value = null, low = null, high = null } = difference ?? {};
        const times = (end: number | null): number | null => end && (task.higherIsBetter ? -end : end);
        const ends = task.higherIsBetter ? [high, low] : [low, high];
        const help = { value: times(value), low: times(ends[0]!), high: times(ends[1]!) };
        const least = task.matters ?? 0;
        const remedy = difference?.verdict.remedy ?? "more are needed";
        const says = halved === undefined ? helpText(help, least, remedy) : rowsText(help, least, remedy, grounds[at]!);
        return [{ task, source: name, domain, ...help, says }];
      }),
    ),
  );
  return { tasks, domainNames, sources, helps, user, evaluationRows, report };
}

function helpText({ value, low, high }: Interval, least: number, remedy: string): string {
  if (value === null) return "not defined: one class, or no rows";
  if (low === null || high === null) return "cannot be told from one seed";
  if (low > 0) return "helps";
  if (high < 0) return "harms";
  if (low > -least && high < least) return `neither helps nor harms by more than ${least}`;
  if (low > -least) return `does not harm by more than ${least}`;
  if (high < least) return `does not help by more than ${least}`;
  return `cannot be told with these rows and seeds: ${remedy}`;
}

/** Ids with fewer rows are learned slowly: halving the rows shows little about the effect of many more. */
const fewRowsPerId = 16;
/**
 * The largest gain from all further rows, as a multiple of the gain from half of them: the best estimators of tables
 * reach 9.3 with fewer rows per id, and 1.9 with 16 or more (docs/domains.md). `doubled`: the gain from doubling the
 * rows.
 */
const further = { many: { doubled: 1, all: 2 }, few: { doubled: 1.5, all: 10 } };

function rowsText(help: Interval, least: number, remedy: string, { rows, rowsPerId }: DomainGround): string {
  const { low, high } = help;
  if (low === null || high === null) return helpText(help, least, remedy);
  const isFew = rowsPerId !== null && rowsPerId < fewRowsPerId;
  const { doubled, all } = isFew ? further.few : further.many;
  if (all * high < least) return `has rows enough: all further ones would bring less than ${least}`;
  if (doubled * high < least) {
    const most = Number(Math.max(0, all * high).toPrecision(2));
    return `has rows for now: as many again would bring less than ${least}, all further ones up to ${most}`;
  }
  if (low <= 0) return `cannot be told with these rows and seeds: ${remedy}`;
  const part = Number(low.toPrecision(1));
  if (isFew)
    return `lacks rows: half bring ${part} or more; how many it lacks cannot be told with ${fixed(rowsPerId, 1)} rows an id`;
  // Half bring b / rows ** power where the metric is a - b / rows ** power.
  const more = (left: number, power: number): string => {
    return grouped(Number((rows * Math.max(0, left ** (1 / power) - 1)).toPrecision(2)));
  };
  const [from, to] = [more(low / least, 1), more((all * high) / least, Math.log2(1 + 1 / all))];
  return `lacks rows: ${from === "0" ? "up to" : `about ${from} to`} ${to} more, until further ones bring less than ${least}`;
}
