/** The trained models behind the pictures, each trained once, when a picture first asks for it. */
import { type AnyModel, type Dataset, dataset, type Run, type Study, type TaobaoLog } from "../../src/index.js";
import { domains, exampleLog, exampleModel, testRows, trainRows } from "./example.js";

/** A log as rows to train on and rows to measure on. */
export interface Rows {
  readonly log: TaobaoLog;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Sums are ordered by the number of threads: a fixed one gives the same weights again. */
const threads = 2;
const roles = { user: "user_id", item: "adgroup_id" } as const;
/** Seeds of the ablation. */
const seeds = 5;

/** What the pictures share. */
export class Trained {
  readonly #kept = new Map<string, Promise<unknown>>();

  /** The example's rows, or those of a world in which domains do not differ. */
  rows(world: "planted" | "alike" = "planted"): Promise<Rows> {
    return this.#once(`rows ${world}`, async () => {
      const log = exampleLog(world === "alike" ? 0 : undefined);
      const part = (from: number, count: number) => dataset(log.table.slice(from, from + count), roles);
      return { log, train: await part(0, trainRows), test: await part(trainRows, testRows) };
    });
  }

  /** The example's PEPNet, trained. */
  pepnet(): Promise<Run> {
    return this.fit("PEPNet", exampleModel());
  }

  /** A model on the example's rows, by a name that tells it apart. */
  fit(name: string, model: AnyModel, world: "planted" | "alike" = "planted"): Promise<Run> {
    return this.#once(`fit ${name}`, async () => {
      const { train, test } = await this.rows(world);
      return model.fit(train, { validation: test, quiet: true, threads });
    });
  }

  /** The example's PEPNet as it begins: a run needs a step, and this one moves nothing that can be seen. */
  untrained(model = exampleModel()): Promise<Run> {
    return this.#once(`untrained ${model.spec.features.length}`, async () => {
      const { adagrad, adam } = await import("../../src/index.js");
      const { train, test } = await this.rows();
      const still = model.train({ dense: adam(1e-12), sparse: adagrad(1e-12) });
      return still.fit(train, { validation: test, quiet: true, threads, steps: 1 });
    });
  }

  /** A model on the rows of one domain only, measured on all. */
  fitOn(domain: number, model: AnyModel): Promise<Run> {
    return this.#once(`fit on ${domain}`, async () => {
      const { log, test } = await this.rows();
      const of = log.arrays["occupation"] as Int32Array;
      const own = Array.from({ length: trainRows }, (_, row) => row).filter((row) => of[row] === domain);
      const train = await dataset(log.table.take(Int32Array.from(own)));
      return model.fit(train, { validation: test, quiet: true, threads });
    });
  }

  /** The quickstart notebook's run. */
  quickstart(): Promise<Run> {
    return this.#once("quickstart", async () => {
      const { taobaoLike } = await import("../../src/index.js");
      const log = taobaoLike({ rows: 100_000, seed: 7, truth: true });
      return exampleModel(domains.slice(0, 3)).fit(await dataset(log.table), { quiet: true, threads });
    });
  }

  /** Other gammas, and parts of the model off, against the example's PEPNet. */
  study(): Promise<Study> {
    return this.#once("study", async () => {
      const { train, test } = await this.rows();
      const off = (switches: Parameters<AnyModel["switches"]>[0]) => (model: AnyModel) => model.switches(switches);
      return exampleModel().ablate(train, {
        variants: {
          "gamma 1": (model: AnyModel) => withGamma(model, 1),
          "gamma 4": (model: AnyModel) => withGamma(model, 4),
          "EPNet off": off({ epnet: false }),
          "PPNet's gates off": off({ ppnet: false }),
          "one tower a task": off({ sharedTowers: true }),
        },
        validation: test,
        seeds,
        quiet: true,
        cache: false,
      });
    });
  }

  #once<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
    const kept = this.#kept.get(name) as Promise<Value> | undefined;
    if (kept !== undefined) return kept;
    const started = Date.now();
    const made = make().then((value) => {
      if (!name.startsWith("rows")) console.log(`  ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
      return value;
    });
    this.#kept.set(name, made);
    return made;
  }
}

/** The same gamma for EPNet and PPNet. */
export function withGamma(model: AnyModel, gamma: number): AnyModel {
  return model.epnet({ gamma }).ppnet({ hidden: [64, 32], gamma });
}
