/** `first-evening`: AUC and CPU of suggested models on Adult, coupon and three data sets with published formulas. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type AnyModel, adam, type Dataset, dataset, type SuggestOptions, suggestModel } from "../src/index.js";
import { clusters, codes, type FormulaRow, friedman } from "../test/core/samples/published-formulas.js";
import type { Measurement } from "./figure.js";
import { projectFolder, sharedFolder } from "./models.js";
import { cost, median } from "./timing.js";

interface Evening extends SuggestOptions {
  readonly folder: string;
  /** Other labels in the files. */
  readonly without?: string;
}

const published = path.join(sharedFolder, "data", "first-evening");
/** Where the generated sets are written; `bench/first-evening.py` reads them. */
const written = path.join(projectFolder, "out", "first-evening");
const seeds = [1, 2, 3];

const evenings: Readonly<Record<string, Evening>> = {
  adult: { folder: path.join(published, "adult"), labels: ["rich"], domain: "sex", without: "single" },
  coupon: { folder: path.join(published, "coupon"), labels: ["Y"], domain: "dest", without: "urgent" },
  friedman: { folder: path.join(written, "friedman"), labels: ["y"] },
  clusters: { folder: path.join(written, "clusters"), labels: ["y"] },
  codes: { folder: path.join(written, "codes"), labels: ["y"] },
};

/** Takes about ten minutes. */
export const firstEveningMeasurement: Measurement = {
  name: "first-evening",
  onlyByName: true,
  async run(report) {
    writeParts("friedman", friedman(12_000));
    writeParts("clusters", clusters(12_000));
    writeParts("codes", codes(40_000));
    for (const [name, evening] of Object.entries(evenings)) {
      if (!existsSync(evening.folder)) console.error(`first-evening.${name}: skipped, since its files are missing`);
      else await measure(`first-evening.${name}`, evening, report);
    }
  },
};

async function measure(name: string, evening: Evening, report: Parameters<Measurement["run"]>[0]): Promise<void> {
  const [train, validation, test] = [
    await part(evening, "train"),
    await part(evening, "validation"),
    await part(evening, "test"),
  ];
  const aucs: number[] = [];
  const fit = async (seed: number, edit: (model: AnyModel) => AnyModel, count?: number): Promise<number> => {
    const { labels, domain } = evening;
    const { model } = await suggestModel(train, { labels, domain });
    const run = await edit(model).fit(train, { validation, seed, seeds: count, quiet: true });
    const { auc } = (await run.evaluate(test, { intervals: false })).tasks[0]!.overall;
    await run.dispose();
    return auc!;
  };
  for (const seed of seeds) aucs.push(await fit(seed, (model) => model));
  report(`${name}.auc`, aucs.reduce((sum, auc) => sum + auc) / aucs.length, "ratio");
  report(`${name}.three-seeds.auc`, await fit(1, (model) => model, 3), "ratio");
  // The steps of every other model: those of suggested ones before this measurement.
  const usual = (model: AnyModel) =>
    model.train({
      dense: adam(0.001),
      outputBias: "random",
      emaDecay: null,
      batchSize: model.spec.training.batchSize! / 2,
    });
  const ratios: number[] = [];
  const millis: number[] = [];
  for (const seed of seeds) {
    const [suggested, before] = [
      (await cost(() => fit(seed, (model) => model))).cpu,
      (await cost(() => fit(seed, usual))).cpu,
    ];
    millis.push(suggested);
    ratios.push(suggested / before);
  }
  report(`${name}.cpu`, median(millis), "ms");
  report(`${name}.cpu-over-usual-steps`, median(ratios), "ratio");
}

function writeParts(name: string, rows: readonly FormulaRow[]): void {
  const folder = path.join(written, name);
  mkdirSync(folder, { recursive: true });
  const ends = { train: [0, 0.7], validation: [0.7, 0.85], test: [0.85, 1] } as const;
  for (const [file, [from, to]] of Object.entries(ends)) {
    const columns = Object.keys(rows[0]!);
    const lines = rows
      .slice(from * rows.length, to * rows.length)
      .map((row) => columns.map((name) => row[name]).join(","));
    writeFileSync(path.join(folder, `${file}.csv`), `${[columns.join(","), ...lines].join("\n")}\n`);
  }
}

async function part({ folder, without }: Evening, name: string): Promise<Dataset> {
  const parquet = path.join(folder, `${name}.parquet`);
  const rows = await dataset(existsSync(parquet) ? parquet : path.join(folder, `${name}.csv`));
  return rows.select(...rows.columns.map((column) => column.name).filter((column) => column !== without));
}
