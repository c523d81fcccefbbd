/** The process that `first-evening` measures: suggests a model of a set, fits it as a new user would, and prints numbers. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type Dataset, dataset, type SuggestedModel, suggestModel } from "../src/index.js";
import { cost } from "./timing.js";

/** A set of train, validation and test rows, as CSV or Parquet. */
export interface EveningSet {
  readonly folder: string;
  readonly label: string;
  readonly domain?: string;
  /** Another label in the files. */
  readonly without?: string;
}

/** `first`: of a new process. `again`: the third fit of one process. `proposal`: with the priors that are proposed. */
export type EveningMode = "first" | "again" | "proposal";

export interface EveningFit {
  /** Of test rows; `null`: no priors are proposed. */
  readonly auc: number | null;
  /** CPU time of the suggestion and the fit, in milliseconds. */
  readonly cpu: number;
  /** CPU time of this process from its start to the evaluation, in milliseconds. */
  readonly process: number;
}

interface Parts {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

async function part({ folder, without }: EveningSet, name: string): Promise<Dataset> {
  const parquet = path.join(folder, `${name}.parquet`);
  const rows = await dataset(existsSync(parquet) ? parquet : path.join(folder, `${name}.csv`));
  return rows.select(...rows.columns.map((column) => column.name).filter((column) => column !== without));
}

/** The rows with the priors that are proposed, by the code that a person would paste; `null`: none are. */
async function proposedParts({ train, validation, test }: Parts, { priors }: SuggestedModel): Promise<Parts | null> {
  if (priors === null) return null;
  const typed = new Function("train", `return (async () => { ${priors.code} return ${priors.variable}; })();`);
  const counted: Dataset = await typed(train);
  const state = await counted.priorsState();
  return { train: counted, validation: await validation.withPriors(state), test: await test.withPriors(state) };
}

async function main(set: EveningSet, seed: number, seeds: number, mode: EveningMode): Promise<void> {
  const { label, domain } = set;
  const meanings = { labels: [label], domain };
  let parts: Parts | null = {
    train: await part(set, "train"),
    validation: await part(set, "validation"),
    test: await part(set, "test"),
  };
  if (mode === "proposal") parts = await proposedParts(parts, await suggestModel(parts.train, meanings));
  if (parts === null) {
    console.log(JSON.stringify({ auc: null, cpu: 0, process: 0 } satisfies EveningFit));
    return;
  }
  const { train, validation, test } = parts;
  const fit = async () => {
    const { model } = await suggestModel(train, meanings);
    return model.fit(train, { validation, seed, seeds: seeds > 1 ? seeds : undefined, quiet: true });
  };
  for (let before = mode === "again" ? 2 : 0; before > 0; before--) await (await fit()).dispose();
  let run: Awaited<ReturnType<typeof fit>> | undefined;
  const { cpu } = await cost(async () => (run = await fit()));
  const { auc } = (await run!.evaluate(test, { intervals: false })).tasks[0]!.overall;
  await run!.dispose();
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ auc: auc!, cpu, process: (user + system) / 1000 } satisfies EveningFit));
}

const [set = "", seed, seeds, mode] = process.argv.slice(2);
void main(JSON.parse(set), Number(seed), Number(seeds), mode as EveningMode);
