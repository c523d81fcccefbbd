/** `model.transfer(data)`: what domains learn from each other, by training without the rows of some. */
import { withModelsApart } from "../../builder/with-modules.js";
import { SpecError } from "../../errors/index.js";
import { domainName, type ModelSpec } from "../../spec/model.js";
import { unknownName } from "../../spec/validate/checks.js";
import type { Transfer, TransferSource } from "../../views/studies/transfer.js";
import type { Sheet } from "../../views/view.js";
import type { DatasetSource, ModelLike } from "../data/dataset.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, tables } from "../result.js";
import { ablateModel } from "./ablate.js";
import type { Study } from "./study.js";
import type { AblationOptions, AsModel } from "./variants.js";

/** Options of {@link Model.transfer}. `T`: the model's towers. */
export interface TransferOptions<T extends string = string>
  extends Omit<AblationOptions<T>, "design" | "modelSeeds" | "budget" | "seeds"> {
  /** Number of seeds, or a list of seeds. Default: 5. */
  readonly seeds?: number | readonly number[];
  /** Domains to train together without the others, by name: `[["feed", "live"]]`. */
  readonly together?: readonly (readonly string[])[];
}

const usualSeeds = 5;
const usualMatters = 0.002;
/** The question is about domains: all rows have the rest of the error probability. */
const domainShare = 0.9;

export async function transferModel(
  spec: ModelSpec,
  asModel: AsModel,
  data: DatasetSource,
  { together = [], ...options }: TransferOptions = {},
): Promise<TransferMap> {
  const sources = sourcesOf(spec, together);
  const variants = sources.map(({ name, parts }) => ({
    name,
    change: (model: ModelLike) => ({ spec: withModelsApart(model.spec, () => parts) }),
  }));
  const request = { seeds: usualSeeds, matters: usualMatters, domainShare, ...options, variants };
  const study = await ablateModel(spec, asModel, data, request);
  return new TransferMap({ ...study.facts, sources }, study);
}

/** Trainings without the rows of a domain, of all others, and of those that are not in a part. */
function sourcesOf(spec: ModelSpec, together: readonly (readonly string[])[]): TransferSource[] {
  const domains = Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domain);
  const names = domains.map((domain) => domainName(spec, domain));
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
  ];
}

const TransferFacts: ChartedFactsBase<Transfer> = chartedFactsBase();

/** What the rows of domains do for others. Made by `model.transfer(data)`. */
export class TransferMap extends TransferFacts {
  /** The study: its variants are trainings of separate models, one of which has no rows of the source. */
  readonly study: Study;

  /** @internal */
  constructor(facts: Transfer, study: Study) {
    super(facts, study.notes);
    this.study = study;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().transferSheet(this.facts);
  }

  /** Changes of the metric with the rows of each source, a panel per task and domain that learns. */
  async chart(): Promise<ChartOutput> {
    const { transferChart } = await import("../../views/studies/transfer.js");
    return new ChartOutput(transferChart(this.facts));
  }
}
