/** The process that `first-evening` measures: suggests a model of a set, fits it as a new user would, and prints numbers. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type Dataset, dataset, suggestModel } from "../src/index.js";
import { cost } from "./timing.js";

/** A set of train, validation and test rows, as CSV or Parquet. */
export interface EveningSet {
  readonly folder: string;
  readonly label: string;
  readonly domain?: string;
  /** Another label in the files. */
  readonly without?: string;
}

export interface EveningFit {
  /** Of test rows. */
  readonly auc: number;
  /** CPU time of the suggestion and the fit, in milliseconds. */
  readonly cpu: number;
}

async function part({ folder, without }: EveningSet, name: string): Promise<Dataset> {
  const parquet = path.join(folder, `${name}.parquet`);
  const rows = await dataset(existsSync(parquet) ? parquet : path.join(folder, `${name}.csv`));
  return rows.select(...rows.columns.map((column) => column.name).filter((column) => column !== without));
}

async function main(set: EveningSet, seed: number, seeds: number): Promise<void> {
  const { label, domain } = set;
  const [train, validation, test] = [await part(set, "train"), await part(set, "validation"), await part(set, "test")];
  const fit = async () => {
    const { model } = await suggestModel(train, { labels: [label], domain });
    return model.fit(train, { validation, seed, seeds: seeds > 1 ? seeds : undefined, quiet: true });
  };
  let run: Awaited<ReturnType<typeof fit>> | undefined;
  const { cpu } = await cost(async () => (run = await fit()));
  const { auc } = (await run!.evaluate(test, { intervals: false })).tasks[0]!.overall;
  await run!.dispose();
  console.log(JSON.stringify({ auc: auc!, cpu } satisfies EveningFit));
}

const [set = "", seed, seeds] = process.argv.slice(2);
void main(JSON.parse(set), Number(seed), Number(seeds));
