/** `suggestDomain(data, { label })`: which column could be the domain, by what it changes in the data. */
import type { IdFeature } from "../../core/builder/id-feature.js";
import { withEpnet, withOtherDomain, withSwitches } from "../../core/builder/with-modules.js";
import { withFeatures } from "../../core/builder/with-tower.js";
import { identifier } from "../../core/data/sources/names.js";
import { DataError, type Problem } from "../../core/errors/index.js";
import { modelSize } from "../../core/nn/plan/size.js";
import { groupFeatures, hasPpnet, type ModelSpec } from "../../core/spec/model.js";
import { groupDim } from "../../core/spec/sizes.js";
import { assertCount, checkOptions, type OptionNames, unknownName } from "../../core/spec/validate/checks.js";
import { type SignalOptions, withSignal } from "../../core/util/interrupt.js";
import { count, grouped } from "../../core/util/text.js";
import { inTurns } from "../../core/util/turns.js";
import type { DomainScreen } from "../../lab/domains/screen.js";
import { type ColumnsOf, type Dataset, type DatasetSource, dataset, type RowOf } from "../data/dataset.js";
import type { ColumnName } from "../data/types.js";
import { sampleTable } from "../data/verbs.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, tables } from "../result.js";
import type { Study } from "../study/study.js";
import type { AblationOptions } from "../study/variants.js";
import { callResult } from "./builder-calls.js";
import type { UnitColumns } from "./screen-columns.js";
import { columnChoices, labelValues, modelOfChoices } from "./suggest-model.js";
import { call, vectorWidth } from "./suggested-features.js";
import { gateUnits, type SuggestedDomains, sharesTower } from "./suggested-model.js";
import type { AnyModel, Model, NamesOfVariants } from "./types.js";

const suggestDomainOptions: OptionNames<SuggestDomainOptions> = {
  label: true,
  candidates: true,
  user: true,
  item: true,
  session: true,
  time: true,
  rows: true,
  seed: true,
  signal: true,
};

/** What the columns mean. `Name`: the data's columns if their types are known; the editor completes them. */
export interface SuggestDomainOptions<Name extends string = string> extends SignalOptions {
  /** The label: 0 and 1, two values, or numbers, of which the larger half is 1. */
  readonly label: Name | (string & {});
  /** Columns that could be the domain. Default: those with 2 to 50 values. */
  readonly candidates?: readonly (Name | (string & {}))[];
  /**
   * The users: what only their own rows show is not taken for the effect of a column. Default: the role `user`; without
   * it, rows are independent.
   */
  readonly user?: Name | (string & {});
  /** The items: of two columns of the item, items are independent, and not users. Default: the role `item`. */
  readonly item?: Name | (string & {});
  /** Sessions: without `user`, their rows are taken together; with it and `time`, a visit of a user does not end in one. */
  readonly session?: Name | (string & {});
  /** When: a user's habits are told from what changes with a column, and parts of a calendar from drift. */
  readonly time?: Name | (string & {});
  /** Number of rows, drawn at random if there are more. Default: 100,000. */
  readonly rows?: number;
  /** Of the sample, and of the folds that measure sizes; what is clear does not depend on it. Default: 1. */
  readonly seed?: number;
}

const withoutLabel: Problem = {
  path: "suggestDomain.label",
  message: "the label is required",
  expected: 'a label column, such as { label: "clk" }',
};
const randomValues = 4;

/**
 * Asks which column could be the domain: one that changes what other columns mean. A logistic regression of all columns
 * is fitted to all rows; what it leaves is tested for each pair of a candidate and another column, and the pairs that
 * are clear are measured on rows of other users. Whether a model's gates gain from one, a study shows:
 * {@link DomainSuggestion.ablate}.
 * Throws a DataError for a column that does not exist, a label or a time that the column cannot be, or sessions that
 * users share.
 * @example
 * const suggested = await suggestDomain(train, { label: "click" }); // with roles: data.roles({ user, item, time })
 * const study = await suggested.ablate(model, train, { seeds: 5 });
 */
export function suggestDomain<Source extends DatasetSource>(
  data: Source,
  options: SuggestDomainOptions<ColumnName<RowOf<Source>>>,
): Promise<DomainSuggestion<ColumnsOf<Source>, VariantOfColumns<ColumnsOf<Source>>>> {
  return withSignal(options?.signal, () => screenedDomains(data, options ?? {}));
}

async function screenedDomains<C extends string, V extends string>(
  data: DatasetSource,
  options: SuggestDomainOptions,
): Promise<DomainSuggestion<C, V>> {
  checkOptions("suggestDomain", options ?? {}, Object.keys(suggestDomainOptions), DataError);
  const opened = await dataset(data);
  const { label, seed = 1 } = options;
  const { columns, domains, leftOut, likelyTime, notes, weights } = await readColumns(opened, options);
  const { screenDomains } = await import("../../lab/domains/screen.js");
  const screen = await inTurns(screenDomains(columns, { label, seed }));
  const parameters = new Map([...domains.keys()].map((name) => [name, weights(name) - weights()]));
  const facts = { ...screen, leftOut, parameters };
  return new DomainSuggestion(facts, domains, [...notes, ...tables().domainScreenNotes(facts, likelyTime)]);
}

/** The columns that the call names as user, item, session and time, or that have these roles. */
function unitColumns({ table: { roles } }: Dataset, options: SuggestDomainOptions): UnitColumns {
  const { user = roles.user, item = roles.item, session = roles.session, time = roles.time } = options;
  return { user, item, session, time, sessionGap: roles.sessionGap };
}

async function readColumns(opened: Dataset, options: SuggestDomainOptions) {
  const { label, candidates, rows = 100_000, seed = 1 } = options;
  const names = unitColumns(opened, options);
  const asked = { labels: label === undefined ? [] : [label], user: names.user, item: names.item };
  const others = [...(candidates ?? []), names.session, names.time];
  // What the call names has these roles here, whatever the data say.
  const named = { table: opened.table.withRoles(names) };
  const choices = await columnChoices(named, asked, withoutLabel, others);
  assertCount("suggestDomain: rows", rows, DataError);
  const table = rows < opened.rows ? sampleTable(opened.table, rows, seed) : opened.table;
  const columns = await table.read([...choices.profiles.keys()]);
  const { screenColumns } = await import("./screen-columns.js");
  const { domains, leftOut, notes, ...read } = await screenColumns(columns, choices, {
    ...names,
    label,
    asked: candidates,
  });
  const sampled = `${grouped(rows)} of ${count(opened.rows, "row")}, drawn at random; { rows } sets their number`;
  const labels = await labelValues(label, choices.chosen[0]!, columns.get(label)!);
  const weights = (domain?: string): number =>
    modelSize(modelOfChoices(opened, { ...asked, domain }, choices).model.spec).denseParameters;
  const isTime = ({ name }: { readonly name: string }): boolean =>
    choices.choose(name).features.some(({ start }) => start === "dateFeature");
  const likelyTime = opened.columns.find(isTime)?.name ?? null;
  return {
    columns: { ...read, labels },
    domains,
    leftOut,
    likelyTime,
    weights,
    notes: [...notes, ...(rows < opened.rows ? [sampled] : [])],
  };
}

/**
 * The model with this domain, as `suggestModel` would build it: the column as a feature as wide as others, in EPNet's gate,
 * and towers for its values where these are few and the table is large or has PPNet. What the model itself has chosen for
 * its domain stays.
 */
function withDomain(spec: ModelSpec, chosen: SuggestedDomains, rows: number): ModelSpec {
  const { column, domains } = chosen;
  const [width = vectorWidth(rows)] = spec.features.flatMap((each) => (each.kind === "id" ? [each.embeddingDim] : []));
  const feature = callResult<IdFeature<string>>(call("idFeature", column, ["vocab"], ["embedding", width]));
  const isFeature = spec.features.some(({ name }) => name === column);
  const next = withOtherDomain(isFeature ? spec : withFeatures(spec, [feature]), column, domains);
  const hidden = groupFeatures(spec, "domain") === null ? gateUnits(groupDim(next, "all") ?? 0) : null;
  const gated = hidden === null || spec.epnet.hidden !== null ? next : withEpnet(next, { hidden });
  const keys = hasPpnet(spec) ? groupFeatures(spec, "uia")! : [];
  const isShared = spec.domains === null && sharesTower({ domains: chosen, keys, rows });
  return isShared ? withSwitches(gated, { sharedTowers: true }) : gated;
}

const ScreenFacts: ChartedFactsBase<DomainScreen> = chartedFactsBase("domainScreenSheet");

/** Names of the variants that {@link DomainSuggestion.ablate} trains. `C`: columns. */
type VariantOfColumns<C extends string> = string extends C
  ? string
  : "the model" | `domain ${C}` | "no domain" | "domain at random";

/**
 * Candidates for the domain, with what each changes. Made by {@link suggestDomain}. `C`: columns; `V`: names of the variants
 * that its study trains.
 */
export class DomainSuggestion<out C extends string = string, out V extends string = string> extends ScreenFacts {
  readonly #domains: ReadonlyMap<string, SuggestedDomains>;

  /** @internal */
  constructor(facts: DomainScreen, domains: ReadonlyMap<string, SuggestedDomains>, notes: readonly string[] = []) {
    super(facts, notes);
    this.#domains = domains;
  }

  /** The candidate of the pair that gains most beyond noise; `null`: none, or these rows cannot tell. */
  get named(): C | null {
    return (this.candidates.find(({ says }) => says === "named")?.name ?? null) as C | null;
  }

  /** How clear each candidate's change is, and the gain of AUC of those that are, with its interval. */
  async chart(): Promise<ChartOutput> {
    const { domainScreenChart } = await import("../../lab/views/data/domain-screen.js");
    return new ChartOutput(domainScreenChart(this.facts));
  }

  /**
   * Trains `model` with each of these columns as its domain, as `suggestModel` would build it; without a domain; and with
   * a random column as the control: what that gains, any column does. Options are those of `model.ablate`.
   * @param columns Default: the named column and those tied with it, at most three
   */
  async ablate<
    F extends string,
    L extends string,
    G extends string,
    T extends string,
    D extends string,
    S extends DatasetSource,
  >(
    model: Model<F, L, G, T, D>,
    data: S,
    { columns, ...options }: AblationOptions<T, D, ColumnsOf<S> | F> & { readonly columns?: readonly C[] } = {},
  ): Promise<Study<NamesOfVariants<V, T, D>>> {
    const clear = this.candidates.filter(({ says }) => says === "named" || says === "tied");
    const names: readonly string[] = columns ?? clear.slice(0, 3).map(({ name }) => name);
    const candidateNames = [...this.#domains.keys()];
    const unknown = names.filter((name) => !candidateNames.includes(name));
    if (unknown.length > 0)
      throw new DataError(unknown.map((name) => unknownName("ablate: columns", "candidate", name, candidateNames)));
    const opened = await dataset(data);
    const present = model.spec.domains?.column;
    const values = this.candidates.find(({ name }) => name === names[0])?.values ?? model.spec.domains?.count;
    const noise = { column: "random_column", values: values ?? randomValues };
    const hasTowers = names[0] === undefined || this.#domains.get(names[0])!.domains !== null;
    const random: SuggestedDomains = { column: noise.column, domains: hasTowers ? noise.values : null };
    const to =
      (chosen: SuggestedDomains) =>
      ({ spec }: AnyModel) => ({ spec: withDomain(spec, chosen, opened.rows) });
    const others = names.filter((name) => name !== present);
    const variants = [
      ...others.map((name) => ({ name: `domain ${name}`, change: to(this.#domains.get(name)!) })),
      ...(present === undefined
        ? []
        : [{ name: "no domain", change: ({ spec }: AnyModel) => ({ spec: withOtherDomain(spec, null) }) }]),
      { name: "domain at random", change: to(random) },
    ];
    const validation = options.validation && (await withNoise(await dataset(options.validation), noise));
    const rows = await withNoise(opened, noise);
    return (model as unknown as AnyModel).ablate(rows, { ...options, validation, variants } as never) as never;
  }
}

/** With a column of random whole numbers, the same for the same row. */
async function withNoise(
  data: Dataset,
  { column, values }: { readonly column: string; readonly values: number },
): Promise<Dataset> {
  const columns = data.table.names.map(identifier);
  return data.derive({ [column]: `(hash(${columns.join(", ")}) % ${values})::INTEGER` });
}
