/** `suggestDomain(data, { label })`: which column could be the domain, by what it changes in the data. */
import type { IdFeature } from "../../builder/id-feature.js";
import { withOtherDomain } from "../../builder/with-modules.js";
import { withFeatures } from "../../builder/with-tower.js";
import { identifier } from "../../data/sources/names.js";
import type { Field } from "../../domains/floor.js";
import type { DomainScreen } from "../../domains/screen.js";
import { DataError, type Problem } from "../../errors/index.js";
import { modelSize } from "../../nn/plan/size.js";
import { notebookDisplay } from "../../port/notebook.js";
import type { ModelSpec } from "../../spec/model.js";
import { assertCount, unknownName } from "../../spec/validate/checks.js";
import { inTurns } from "../../util/turns.js";
import { type ColumnsOf, type Dataset, type DatasetSource, dataset, type RowOf } from "../data/dataset.js";
import type { ColumnName } from "../data/types.js";
import { sampleTable } from "../data/verbs.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase } from "../result.js";
import type { Study } from "../study/study.js";
import type { AblationOptions } from "../study/variants.js";
import { callResult } from "./builder-calls.js";
import { columnChoices, labelValues, modelOfChoices } from "./suggest-model.js";
import { call } from "./suggested-features.js";
import { domainsOf, type SuggestedDomains, suggestedDomains } from "./suggested-model.js";
import type { AnyModel, Model, NamesOfVariants } from "./types.js";

/** What the columns mean. `Name`: the data's columns if their types are known; the editor completes them. */
export interface SuggestDomainOptions<Name extends string = string> {
  /** The label: 0 and 1, two values, or numbers, of which the larger half is 1. */
  readonly label: Name | (string & {});
  /** Columns that could be the domain. Default: those with 2 to 50 values. */
  readonly candidates?: readonly (Name | (string & {}))[];
  /** The users: what only their own rows show is not taken for the effect of a column. Default: rows are independent. */
  readonly user?: Name | (string & {});
  readonly item?: Name | (string & {});
  /** A column of sessions; or with `time`, a user's rows of one day. For columns that stay the same within one. */
  readonly session?: Name | (string & {});
  readonly time?: Name | (string & {});
  /** Number of rows, drawn at random if there are more. Default: 100,000. */
  readonly rows?: number;
  /** Of the sample, the folds and the random column. Default: 1. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const withoutLabel: Problem = {
  path: "suggestDomain.label",
  message: "the label is required",
  expected: 'a label column, such as { label: "clk" }',
};
const control = "random column";
const mostValues = 50;
const fewValues = 20;
const controlValues = 4;

/**
 * Asks which column could be the domain: one that changes what other columns mean. A logistic regression of all columns
 * is compared with tables of each candidate and each other column, on users, items or sessions that they were not
 * fitted to. A random column is among the candidates as a control. Whether a model's gates gain from it, a study shows:
 * {@link DomainSuggestion.ablate}.
 * Throws a DataError for a column that does not exist, or a label that the column cannot be.
 * @example
 * const suggested = await suggestDomain(train, { label: "click", user: "user_id", item: "item_id", time: "ts" });
 * const study = await suggested.ablate(model, train, { seeds: 5 });
 */
export async function suggestDomain<Source extends DatasetSource>(
  data: Source,
  options: SuggestDomainOptions<ColumnName<RowOf<Source>>>,
): Promise<DomainSuggestion<ColumnsOf<Source>, VariantOfColumns<ColumnsOf<Source>>>> {
  const opened = await dataset(data as DatasetSource);
  const { label, seed = 1, signal = notebookDisplay()?.signal() } = options ?? {};
  const read = await readColumns(opened, options ?? {});
  const { fields, domains, units, labels, leftOut, weights } = read;
  const { randomField } = await import("../../domains/columns.js");
  const { screenDomains } = await import("../../domains/screen.js");
  const noise = randomField(control, labels.length, controlValues, seed);
  const candidates = [...fields.filter(({ name }) => domains.has(name)), noise];
  const facts = screenDomains({ fields, candidates, labels, units }, { label, control, seed });
  const screen = await inTurns(facts, signal);
  const parameters = new Map([...domains.keys()].map((name) => [name, weights(name) - weights()]));
  return new DomainSuggestion({ ...screen, leftOut, parameters }, domains);
}

/** With the column as a feature as wide as others, in EPNet's gate, and towers for its values unless too many. */
function withDomain(spec: ModelSpec, { column, domains }: SuggestedDomains): ModelSpec {
  const [width = 16] = spec.features.flatMap((feature) => (feature.kind === "id" ? [feature.embeddingDim] : []));
  const feature = callResult<IdFeature<string>>(call("idFeature", column, ["vocab"], ["embedding", width]));
  const isFeature = spec.features.some(({ name }) => name === column);
  return withOtherDomain(isFeature ? spec : withFeatures(spec, [feature]), column, domains);
}

async function readColumns(opened: Dataset, options: SuggestDomainOptions) {
  const { label, user, item, session, time, candidates, rows = 100_000, seed = 1 } = options;
  const asked = { labels: label === undefined ? [] : [label], user, item };
  const choices = await columnChoices(opened, asked, withoutLabel, [...(candidates ?? []), session, time]);
  const { profiles, chosen, choose } = choices;
  assertCount("suggestDomain: rows", rows, DataError);
  const { valueField, tenthsField, dayField } = await import("../../domains/columns.js");
  const table = rows < opened.rows ? sampleTable(opened.table, rows, seed) : opened.table;
  const columns = await table.read([...profiles.keys()]);
  const leftOut: { column: string; reason: string }[] = [];
  const domains = new Map<string, SuggestedDomains>();
  const fields = [...columns].flatMap(([name, column]): Field[] => {
    if (name === label || name === time) return [];
    const isUnit = name === user || name === item || name === session;
    const { features, reason } = choose(name);
    if (column.kind === "list" || (features.length === 0 && !isUnit)) {
      leftOut.push({ column: name, reason: column.kind === "list" ? "a list" : reason });
      return [];
    }
    const profile = profiles.get(name)!;
    const isNumber = profile.summary.distinct > fewValues && features.every(({ start }) => start !== "idFeature");
    const field = isNumber && !isUnit ? tenthsField(name, column) : valueField(name, column);
    const isLikely = !isUnit && !isNumber && field.levels >= 2 && field.levels <= mostValues;
    const isAsked = candidates?.includes(name) ?? isLikely;
    const suggestion = isAsked ? (candidates ? suggestedDomains : domainsOf)(name, profile) : null;
    if (suggestion !== null) domains.set(name, suggestion);
    return [field];
  });
  const field = (name: string | undefined): Field | undefined => fields.find((each) => each.name === name);
  const users = field(user);
  const { asTimes } = await import("../../data/summary/row-groups.js");
  const day = users && time !== undefined ? dayField(users, asTimes(time, columns.get(time)!)) : undefined;
  const labels = await labelValues(label, chosen[0]!, columns.get(label)!);
  const units = { user: users, item: field(item), session: field(session) ?? day };
  const weights = (domain?: string): number =>
    modelSize(modelOfChoices(opened, { ...asked, domain }, choices).model.spec).denseParameters;
  return { fields, domains, labels, leftOut, units, weights };
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
  constructor(facts: DomainScreen, domains: ReadonlyMap<string, SuggestedDomains>) {
    super(facts);
    this.#domains = domains;
  }

  /** The candidate that gains most beyond noise; `null`: none, or these rows cannot tell. */
  get named(): C | null {
    return (this.candidates.find(({ says }) => says === "named")?.name ?? null) as C | null;
  }

  /** The gain of AUC of each candidate with its interval. */
  async chart(): Promise<ChartOutput> {
    const { domainScreenChart } = await import("../../views/data/domain-screen.js");
    return new ChartOutput(domainScreenChart(this.facts));
  }

  /**
   * Trains `model` with each of these columns as its domain (EPNet's gate, and towers for up to 50 values), without a
   * domain, and with a random column as the control: what that gains, any column does. Options are those of
   * `model.ablate`.
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
    const present = model.spec.domains?.column;
    const count = this.candidates.find(({ name }) => name === names[0])?.values ?? model.spec.domains?.count;
    const noise = { column: "random_column", domains: count ?? controlValues };
    const to =
      (chosen: SuggestedDomains) =>
      ({ spec }: AnyModel) => ({ spec: withDomain(spec, chosen) });
    const others = names.filter((name) => name !== present);
    const variants = [
      ...others.map((name) => ({ name: `domain ${name}`, change: to(this.#domains.get(name)!) })),
      ...(present === undefined
        ? []
        : [{ name: "no domain", change: ({ spec }: AnyModel) => ({ spec: withOtherDomain(spec, null) }) }]),
      { name: "domain at random", change: to(noise) },
    ];
    const [rows, validation] = await Promise.all(
      [data, options.validation].map((each) => each && withNoise(each, noise)),
    );
    return (model as unknown as AnyModel).ablate(rows!, { ...options, validation, variants } as never) as never;
  }
}

/** With a column of random whole numbers, the same for the same row. */
async function withNoise(
  source: DatasetSource,
  noise: { readonly column: string; readonly domains: number },
): Promise<Dataset> {
  const data = await dataset(source);
  const columns = data.table.names.map(identifier);
  return data.derive({ [noise.column]: `(hash(${columns.join(", ")}) % ${noise.domains})::INTEGER` });
}
