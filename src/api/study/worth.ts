/** `run.worth(test)`: what a model is worth compared with simpler models that are trained on the same rows. */

import { withLogisticRegression, withModelPerDomain, withOneNetwork } from "../../core/builder/baselines.js";
import { SpecError } from "../../core/errors/index.js";
import { hasEpnet, hasPpnet, type ModelSpec } from "../../core/spec/model.js";
import type { TrainingRecord } from "../../core/train/training-record.js";
import { studyWorth, type WorthCell, type WorthFacts } from "../../lab/ablation/worth.js";
import type { Dataset, DatasetSource, ModelLike } from "../data/dataset.js";
import { domainPlace, placeOf } from "../names.js";
import { type ChartedFactsBase, ChartOutput, chartedFactsBase, tables } from "../result.js";
import { prepareStudy, runStudy } from "./ablate.js";
import type { Study } from "./study.js";
import { type LengthOptions, ownLengthOf } from "./transfer.js";
import type { AblationOptions } from "./variants.js";

/** Options of `run.worth()`. `T`: towers; `U`: columns, and features that read one. */
export interface WorthOptions<T extends string = string, U extends string = string>
  extends Omit<
      AblationOptions<T, string, U>,
      "validation" | "design" | "modelSeeds" | "budget" | "seeds" | "evaluationsPerEpoch" | "earlyStopping"
    >,
    LengthOptions {
  /** Rows to train on. Default: those that the run was trained on, if it was trained in this process. */
  readonly train?: DatasetSource;
}

/** A run whose model is trained again. */
export interface WorthSubject {
  readonly spec: ModelSpec;
  readonly training: Dataset | null;
  readonly record: TrainingRecord | null;
}

const usualSeeds = 5;
/** The main question is about domains: comparisons over all rows get the rest of the error probability. */
const domainShare = 0.9;
/** Steps of a training, at most, for each step of the run. */
const mostTimes = 4;
/** The names of the simpler models. */
const floor = "logistic regression";
const one = "one network";
const apart = "a model a domain";

export async function worthOfRun(
  run: WorthSubject,
  rows: Dataset,
  { train, earlyStopping, ...options }: WorthOptions,
): Promise<Worth> {
  const { spec } = run;
  const data = train ?? trainingRows(run);
  const hasDomains = (spec.domains?.count ?? 0) > 1;
  const changes = {
    [floor]: withLogisticRegression,
    [one]: withOneNetwork,
    ...(hasDomains ? { [apart]: withModelPerDomain } : {}),
  };
  const variants = Object.entries(changes).map(([name, change]) => {
    return { name, change: (model: ModelLike) => ({ spec: change(model.spec) }) };
  });
  const ownLength = ownLengthOf(earlyStopping, options.metric);
  const usual = { seeds: usualSeeds, ...(hasDomains ? { domainShare } : {}) };
  const request = { ...usual, ...options, validation: rows, earlyStopping: false, ownLength, variants };
  const trained = ownLength === undefined ? spec : withLongerTraining(spec);
  const prepared = await prepareStudy(trained, (changed) => ({ spec: changed }), data, request);
  const study = await runStudy(prepared, request, null);
  const { switches } = spec;
  const isGated = hasEpnet(spec) || (hasPpnet(spec) && switches.ppnet) || (hasDomains && !switches.sharedTowers);
  return new Worth(studyWorth(study.facts, isGated ? "PEPNet" : "the model", apart), study);
}

/**
 * Models that differ in size or in their rows need different numbers of steps to reach their best. If validation rows
 * choose the length, no model is judged by a training that was too short for it.
 */
function withLongerTraining(spec: ModelSpec): ModelSpec {
  const times = (length: number | null): number | null => (length === null ? null : mostTimes * length);
  const { epochs, steps } = spec.training;
  return { ...spec, training: { ...spec.training, epochs: times(epochs), steps: times(steps) } };
}

function trainingRows({ training, record }: WorthSubject): Dataset {
  const [path, expected] = ["run.worth", "the rows that the run was trained on"];
  if ((record?.seeds ?? 1) > 1) {
    const [message, fix] = [
      "the run is the mean of several seeds, which is not trained as one model",
      "fit without seeds",
    ];
    throw new SpecError({ path, message, received: `the mean of ${record!.seeds} trainings`, fix });
  }
  if (training !== null) return training;
  const message = "the training rows are not known: the run was not trained in this process";
  throw new SpecError({
    path,
    message,
    expected,
    fix: 'name them: run.worth(test, { train: await dataset("train.parquet") })',
  });
}

const WorthBase: ChartedFactsBase<WorthFacts> = chartedFactsBase("worthSheet");

/** What a model is worth compared with simpler ones. Made by `run.worth(test)`. `T`: towers; `D`: domains. */
export class Worth<out T extends string = string, out D extends string = string> extends WorthBase {
  /** The study: its variants are the simpler models. */
  readonly study: Study;

  /** @internal */
  constructor(facts: WorthFacts, study: Study) {
    super(facts, study.notes);
    this.study = study;
  }

  /** The verdict on a task over all rows, or in a domain by its name or number. Throws a DataError for an unknown name. */
  cell(tower: T, domain?: D | number): WorthCell {
    const { tasks, domainNames, cells } = this.facts;
    const towers = tasks.map((task) => task.tower);
    const task = placeOf("worth.cell", "task", tower, towers);
    const place = domain === undefined ? 0 : 1 + domainPlace("worth.cell", domain, domainNames);
    return cells[task * (1 + domainNames.length) + place]!;
  }

  /** The headline, then a sentence by task for all rows and each domain, the clear verdicts first. */
  async conclusions(): Promise<readonly string[]> {
    return tables().worthConclusions(this.facts);
  }

  /** The conclusions, the table and the notes. */
  override toMarkdown(): string {
    return `${tables().bulletsMarkdown(tables().worthConclusions(this.facts))}\n\n${super.toMarkdown()}`;
  }

  /**
   * Differences of the simpler models from this one, with a panel per task and a row per domain; rows in which a
   * difference is beyond noise are shaded. If there are many domains, those in which it gains and loses most.
   */
  async chart(): Promise<ChartOutput> {
    const { worthChart } = await import("../../lab/views/studies/worth.js");
    return new ChartOutput(worthChart(this.facts));
  }
}
