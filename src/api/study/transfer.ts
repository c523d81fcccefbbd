/** `model.transfer(data)`: what domains learn from each other, by training without the rows of some domains. */

import { withModelsApart } from "../../core/builder/baselines.js";
import { SpecError } from "../../core/errors/index.js";
import { listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { unknownName } from "../../core/spec/validate/checks.js";
import type { EarlyStopping } from "../../core/train/loop/early-stopping.js";
import { uninterrupted } from "../../core/util/interrupt.js";
import type { OwnLength } from "../../lab/ablation/own-length.js";
import type { StudyMetric } from "../../lab/ablation/statistics/metric-draws.js";
import type { Transfer, TransferSource } from "../../lab/ablation/transfer.js";
import type { DatasetSource, ModelLike } from "../data/dataset.js";
import type { StudyNames } from "../names.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase } from "../result.js";
import { prepareStudy, runStudy } from "./ablate.js";
import type { Study } from "./study.js";
import type { AblationOptions, AsModel } from "./variants.js";

/** Seeds, and the length of trainings, of models that are compared by domain. */
export interface LengthOptions {
  /** Number of seeds, or a list of seeds. Default: 5. */
  readonly seeds?: number | readonly number[];
  /**
   * Every training takes at most as many steps as one on all rows, and chooses its length: each half of the validation
   * rows is predicted by the weights that were best on the other half of its domain. Default: `true`, patience 2, which
   * is twice as many steps without a gain. `false`: all take the same number of steps, so a domain with few rows passes
   * them more often, and may memorise them.
   */
  readonly earlyStopping?: boolean | Pick<EarlyStopping, "patience">;
}

/** Options of {@link Model.transfer}. `T`: towers; `D`: domains; `U`: columns, and features that read one. */
export interface TransferOptions<T extends string = string, D extends string = string, U extends string = string>
  extends Omit<
      AblationOptions<T, D, U>,
      "design" | "modelSeeds" | "budget" | "seeds" | "evaluationsPerEpoch" | "earlyStopping"
    >,
    LengthOptions {
  /** Domains to train together without the others, by name: `[["feed", "live"]]`. */
  readonly together?: readonly (readonly D[])[];
  /** Also trains with half of each domain's rows, one domain at a time: which domains lack rows, and about how many. */
  readonly halves?: boolean;
}

const usualSeeds = 5;
const usualMatters = 0.002;
/** The main question is about domains: comparisons over all rows get the rest of the error probability. */
const domainShare = 0.9;

export async function transferModel(
  spec: ModelSpec,
  asModel: AsModel,
  data: DatasetSource,
  { together = [], halves = false, earlyStopping, ...options }: TransferOptions = {},
): Promise<TransferMap> {
  const sources = sourcesOf(spec, together, halves);
  const variants = sources.map(({ name, parts, halved }) => ({
    name,
    change: (model: ModelLike) => ({ spec: withModelsApart(model.spec, { parts, halved }) }),
  }));
  const usual = { seeds: usualSeeds, matters: usualMatters, domainShare };
  const ownLength = ownLengthOf(earlyStopping, options.metric);
  const request = { ...usual, ...options, earlyStopping: false, ownLength, variants };
  const prepared = await prepareStudy(spec, asModel, data, request);
  const study = await runStudy(prepared, request, null);
  const { domainGrounds, studyTransfer } = await import("../../lab/ablation/transfer.js");
  const { spec: trained } = prepared.plan.design.model;
  const grounds = async () => domainGrounds(trained, (await prepared.ground.rowsFor(trained)).train);
  return new TransferMap(studyTransfer(study.facts, sources, halves ? await uninterrupted(grounds) : []), study);
}

/** How each training chooses its length; `undefined`: it does not. */
export function ownLengthOf(
  earlyStopping: LengthOptions["earlyStopping"],
  metric: StudyMetric | undefined,
): OwnLength | undefined {
  const { patience = 2 } = typeof earlyStopping === "object" ? earlyStopping : {};
  return earlyStopping === false ? undefined : { patience, metric };
}

/** Trainings without the rows of a domain, of all others, or of those outside a part, and with half of a domain's own rows. */
function sourcesOf(spec: ModelSpec, together: readonly (readonly string[])[], halves: boolean): TransferSource[] {
  const names = listDomainNames(spec);
  const domains = [...names.keys()];
  if (domains.length < 2) {
    const received = domains.length === 0 ? "no domains" : `one domain, ${names[0]}`;
    const fix = "add .domains(column, names)";
    throw new SpecError({
      path: "transfer",
      message: "nothing to learn from",
      received,
      expected: "two domains or more",
      fix,
    });
  }
  const unknown = together.flat().filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new SpecError(unknown.map((name) => unknownName("transfer.together", "domain", name, names)));
  const rest = (part: readonly number[]): number[] => domains.filter((domain) => !part.includes(domain));
  const all = { name: "all others", parts: domains.map((domain) => [domain]), to: domains };
  const one = domains.length === 2 ? [] : domains.map((domain) => [domain]);
  const numbers = together.map((part) => domains.filter((domain) => part.includes(names[domain]!)));
  const chosen = numbers.filter((part) => rest(part).length > 1); // else they are those of one domain, or nothing
  return [
    ...one.map((part) => ({ name: names[part[0]!]!, parts: [rest(part), part], to: rest(part) })),
    all,
    ...chosen.map((part) => {
      const name = `others than ${part.map((domain) => names[domain]).join(" + ")}`;
      return { name, parts: [part, rest(part)], to: part };
    }),
    ...(halves ? domains : []).map((halved) => {
      return { name: `half of ${names[halved]}`, parts: [domains], to: [halved], halved };
    }),
  ];
}

const TransferFacts: ChartedFactsBase<Transfer> = chartedFactsBase("transferSheet");

/** The effect of the rows of domains on other domains. Made by `model.transfer(data)`. `N`: the names that the study's calls accept. */
export class TransferMap<out N extends StudyNames = StudyNames> extends TransferFacts {
  /** The study: its variants are trainings of separate models, one of which has no rows of the source. */
  readonly study: Study<N>;

  /** @internal */
  constructor(facts: Transfer, study: Study<N>) {
    super(facts, study.notes);
    this.study = study;
  }

  /** Changes of the metric with the rows of each source, a panel per task and domain that learns. */
  async chart(): Promise<ChartOutput> {
    const { transferChart } = await import("../../lab/views/studies/transfer.js");
    return new ChartOutput(transferChart(this.facts));
  }
}
