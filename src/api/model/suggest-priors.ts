/** `suggestPriors(data, { labels })`: which keys' history is worth having, and after which delay. */
import type { PriorsKey, PriorsOptions } from "../../core/data/priors/plan.js";
import {
  coverageOf,
  judgedGains,
  type PriorsWorth,
  type RowHistory,
  ratesOf,
  type TestedGain,
} from "../../core/data/priors/worth.js";
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { checkOptions, type OptionNames } from "../../core/spec/validate/checks.js";
import { stringLiteral } from "../../core/util/code-text.js";
import { type SignalOptions, withSignal } from "../../core/util/interrupt.js";
import type { PriorsViewName } from "../../lab/views/data/priors.js";
import type { Sheet } from "../../lab/views/view.js";
import { type Dataset, type DatasetSource, dataset, type RowOf } from "../data/dataset.js";
import type { ColumnName } from "../data/types.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, TableOutput, tables } from "../result.js";
import {
  type Columns,
  columnsOf,
  gainsOfPriors,
  type LogParts,
  logParts,
  newestRows,
  priorColumns,
  type Regressed,
  regressed,
} from "./regressed.js";
import { columnChoices, modelOfChoices, type SuggestOptions } from "./suggest-model.js";

/** What to count, and how long labels may take. `Name`: the data's columns if their types are known. */
export interface SuggestPriorsOptions<Name extends string = string> extends SignalOptions {
  /** The label columns, of 0 and 1. */
  readonly labels: readonly (Name | (string & {}))[];
  /** The column with a row's domain, by which history is also shown. Default: none. */
  readonly domain?: Name | (string & {});
  /** Keys, as in `priors`. Default: the columns with the roles user and item. */
  readonly by?: readonly PriorsKey<Name | (string & {})>[];
  /** Trailing windows, as in `priors`. Default: none. */
  readonly windows?: readonly string[];
  /** After which time labels are known, the first for the rates. Default: `["0s", "1h", "1d"]`. */
  readonly delays?: readonly string[];
}

const optionNames: OptionNames<SuggestPriorsOptions> = {
  labels: true,
  domain: true,
  by: true,
  windows: true,
  delays: true,
  signal: true,
};

const PriorsFacts: ChartedFactsBase<PriorsWorth> = chartedFactsBase();

/** What was known before each row, and what it is worth. Made by {@link suggestPriors}. */
export class PriorsSuggestion extends PriorsFacts {
  /** @internal */
  sheet(name: PriorsViewName = "worth"): Sheet {
    const { priorsViews, namedView } = tables();
    return namedView(priorsViews, "sheet", name, "priors")(this.facts);
  }

  /**
   * `worth` (the default, and what `rows()` has): gains of AUC by label, key and delay; `coverage`: the history of
   * training rows beside that of test rows; `rates`: prior rates and the labels' rates.
   */
  override table(name: PriorsViewName = "worth"): TableOutput {
    return new TableOutput(this.sheet(name), name === "worth" ? this.notes : []);
  }

  /** `worth` (the default), `coverage` or `rates`, as tables have them. */
  async chart(name: PriorsViewName = "worth"): Promise<ChartOutput> {
    const { priorsViews, namedView } = tables();
    return new ChartOutput(namedView(priorsViews, "chart", name, "priors")(this.facts));
  }

  /** The line that adds the keys that help, with the longest delay at which any does; `null`: none helps. */
  get code(): string | null {
    const helps = this.gains.filter(({ key, says }) => key !== null && says === "helps");
    const delay = this.delays.filter((each) => helps.some((gain) => gain.delay === each)).at(-1);
    if (delay === undefined) return null;
    const keys = this.keys.flatMap((key, at) => {
      return helps.some((gain) => gain.key === key && gain.delay === delay) ? [this.keyColumns[at]!] : [];
    });
    const by = keys.map((columns) => JSON.stringify(columns.length === 1 ? columns[0] : columns)).join(", ");
    const labels = this.labels.map(stringLiteral).join(", ");
    return `const log = await data.priors([${labels}], { by: [${by}], delay: ${stringLiteral(delay)} });`;
  }
}

/**
 * Measures what was known before each row of a log with times: how many rows have a history, whether its rates hold,
 * and by how much it raises the AUC of a logistic regression of all columns on the newest fifth of the rows (of the
 * newest 50,000), for each key by itself and all together, at each delay. Intervals are over other users if the role of
 * the user is known. Throws a DataError without the role time, and for labels that are not 0 and 1.
 * @example
 * const log = await data.roles({ user: "user_id", item: "item_id", time: "ts" });
 * const priors = await suggestPriors(log, { labels: ["click"], by: ["user_id", ["item_id", "scene"]], domain: "scene" });
 * priors.code; // the line that adds those that help
 * await priors.chart("coverage");
 */
export async function suggestPriors<Source extends DatasetSource>(
  data: Source,
  options: SuggestPriorsOptions<ColumnName<RowOf<Source>>>,
): Promise<PriorsSuggestion> {
  checkOptions("suggestPriors", options ?? {}, Object.keys(optionNames), DataError);
  return withSignal(options?.signal, async () => {
    const opened = await dataset(data as DatasetSource);
    const asked = await askedOf(opened, options);
    const { facts, notes } = await measuredPriors(await newestRows(opened), asked);
    return new PriorsSuggestion(facts, notes);
  });
}

interface Asked {
  readonly spec: ModelSpec;
  readonly labels: readonly string[];
  readonly domain: string | undefined;
  readonly keys: readonly (readonly string[])[];
  readonly windows: readonly string[];
  readonly delays: readonly string[];
}

async function askedOf(opened: Dataset, options: SuggestPriorsOptions): Promise<Asked> {
  const { user, item, time } = opened.table.roles;
  const { labels, domain, by, windows = [], delays = ["0s", "1h", "1d"] } = options;
  const keys = (by ?? [user, item].filter((name) => name !== undefined)).map(
    (key) => [key].flat() as readonly string[],
  );
  const missing = {
    path: "suggestPriors",
    received: time === undefined ? "data without the role time" : "no keys",
    expected: time === undefined ? "a column that says when" : "keys, or data with the roles user and item",
    fix: 'data.roles({ user: "user_id", item: "item_id", time: "ts" }), with your names',
  };
  if (time === undefined) throw new DataError({ ...missing, message: "nothing says what was before a row" });
  if (keys.length === 0) throw new DataError({ ...missing, message: "nothing says whose history to count" });
  if (delays.length === 0)
    throw new DataError({ path: "suggestPriors.delays", message: "no delay", fix: 'delays: ["0s"]' });
  const meanings: SuggestOptions = { labels, domain, user, item };
  const without = {
    path: "suggestPriors.labels",
    message: "labels are required",
    expected: 'such as { labels: ["click"] }',
  };
  const choices = await columnChoices(opened, meanings, without);
  const others = choices.chosen.flatMap(({ label }, at) => (typeof label === "string" ? [] : [labels[at]!]));
  if (others.length > 0) {
    throw new DataError({
      path: "suggestPriors.labels",
      message: "priors count labels of 0 and 1",
      received: others.map(stringLiteral).join(", "),
      expected: "columns of 0 and 1",
      fix: `derive them, such as data.derive({ label: "${others[0]} > 3" })`,
    });
  }
  return { spec: modelOfChoices(opened, meanings, choices).model.spec, labels, domain, keys, windows, delays };
}

type Facts = PriorsWorth;

async function measuredPriors(log: Dataset, asked: Asked): Promise<{ facts: Facts; notes: readonly string[] }> {
  const { spec, labels, keys, windows, delays } = asked;
  const { user } = log.table.roles;
  const parts = await logParts(log);
  const bare = await regressed(spec, parts);
  const domains = await domainsOf(parts, asked.domain);
  const [gains, coverage, rates] = [
    [] as TestedGain[],
    [] as Facts["coverage"][number][],
    [] as Facts["rates"][number][],
  ];
  const notes = new Set<string>();
  for (const delay of delays) {
    for (const by of keys.length > 1 ? [...keys.map((key) => [key]), keys] : keys.map((key) => [key])) {
      const key = by.length === 1 ? by[0]!.join("_") : null;
      const more = await priorsOrRefusal(log, labels, { by, windows, delay });
      if (more instanceof DataError) {
        notes.add(`delay ${delay}: ${more.message.split("\n")[0]}`);
        continue;
      }
      const after = await logParts(more);
      const added = priorColumns(log, more);
      const before = await columnsOf(after.train, added);
      gains.push(...(await testedGains(asked, { key, delay }, bare, after, before)));
      if (key === null) continue;
      const later = await columnsOf(after.test, [...added, ...labels]);
      const history = (columns: Columns, of: readonly string[] | undefined): RowHistory => {
        return { counts: columns[`${key}_${labels[0]}_n`] as number[], domains: of ?? null };
      };
      const [training, test] = [history(before, domains?.train), history(later, domains?.test)];
      coverage.push(...coverageOf({ key, delay }, training, test, domains?.names ?? []));
      for (const label of delay === delays[0] ? labels : []) {
        const rated = later[`${key}_${label}_rate`] as number[];
        const truths = later[label]!.map((value) => (value === null ? null : Number(value)));
        rates.push(...ratesOf({ key, label }, test.counts, rated, truths));
      }
    }
  }
  if (user === undefined)
    notes.add("no user is named, so rows count as independent in the intervals; data.roles({ user }) names it");
  const facts: Facts = {
    trainingRows: parts.train.rows,
    testRows: parts.test.rows,
    labels,
    keys: keys.map((key) => key.join("_")),
    keyColumns: keys,
    delays,
    over: user ?? null,
    gains: judgedGains(gains),
    coverage,
    rates,
  };
  return { facts, notes: [...notes] };
}

/** A delay as long as the log, or a key that copies a label, is a gap of the result. */
async function priorsOrRefusal(log: Dataset, labels: readonly string[], options: PriorsOptions) {
  try {
    return await log.priors(labels, options);
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

async function testedGains(
  { spec, labels }: Asked,
  at: Pick<TestedGain, "key" | "delay">,
  bare: Regressed | null,
  parts: LogParts,
  columns: Columns,
): Promise<TestedGain[]> {
  const gains = bare === null ? [] : await gainsOfPriors(spec, bare, parts, columns);
  return labels.map((label) => {
    const gain = gains.find((each) => each.label === label);
    if (gain === undefined) return { ...at, label, without: null, gain: null, low: null, high: null, pValue: null };
    const { value, low, high, pValue, second } = gain;
    return { ...at, label, without: second, gain: value, low, high, pValue };
  });
}

async function domainsOf({ train, test }: LogParts, domain: string | undefined) {
  if (domain === undefined) return null;
  const read = async (part: Dataset): Promise<string[]> => (await columnsOf(part, [domain]))[domain]!.map(String);
  const [before, after] = [await read(train), await read(test)];
  return { train: before, test: after, names: [...new Set([...before, ...after])].sort() };
}
