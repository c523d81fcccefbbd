/** What a dial shows at its gammas: predictions, metrics and gates of the scaled model on its rows. */

import type { EncodedData } from "../../core/data/encoded/encoded.js";
import { type Problem, SpecError } from "../../core/errors/index.js";
import type { Ends } from "../../core/metrics/intervals/normal.js";
import type { Evaluation } from "../../core/metrics/types.js";
import { hasEpnet, hasPpnet, isBinary, type ModelSpec } from "../../core/spec/model.js";
import { checkNumber } from "../../core/spec/validate/checks.js";
import type { Predictions } from "../../core/train/evaluate.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import type { GatesReport } from "../../lab/gates/types.js";
import type { DialGammas, MovedRow } from "../../lab/views/studies/responses.js";
import type { Dataset } from "../data/dataset.js";
import type { Readable, ReportedStudy, Subject } from "./options.js";

/** The numbers at some gammas. */
export interface DialState {
  readonly gammas: DialGammas;
  readonly predictions: readonly Predictions[];
  readonly evaluation: Evaluation;
  readonly gates: GatesReport;
  /** Of the AUC less that of the trained gammas, at a level: by task; over all rows, then by domain; `null`: unknown. */
  readonly intervals: (level: number) => readonly (readonly (Ends | null)[])[];
}

/** What a dial reads. `R`: the type of the run that it makes. */
export interface DialParts<R> {
  readonly subject: Subject;
  readonly rows: Dataset;
  /** The sampled rows, and their numbers in the data. */
  readonly data: EncodedData;
  readonly numbers: Int32Array;
  /** Of the sampled rows; `null`: rows are independent. */
  readonly users: UserColumn | null;
  readonly study: ReportedStudy | null;
  readonly keep: (gammas: DialGammas) => Promise<R>;
}

/** @param trained the state at the trained gammas @param earlier its EPNet gates stay if only PPNet's gamma differs */
export async function readState(
  { subject, data, users }: Pick<DialParts<unknown>, "subject" | "data" | "users">,
  gammas: DialGammas,
  trained?: DialState,
  earlier: DialState | undefined = trained,
): Promise<DialState> {
  const { measurePredictions, predict } = await import("../../core/train/evaluate.js");
  const { cellRows, positiveScores } = await import("../../core/train/measure/task-rows.js");
  const { deLong } = await import("../../core/metrics/delong.js");
  const { gateStatistics } = await import("../../lab/gates/statistics.js");
  return scaledSubject(subject, gammas).engine.use(async (scaled): Promise<DialState> => {
    const predictions = await predict(scaled, data);
    const evaluation = await measurePredictions(scaled.spec, data, predictions);
    const sameEpnet = earlier?.gammas.epnet === gammas.epnet ? earlier.gates : null;
    const gates = await gateStatistics(scaled, data, { sameEpnet });
    const intervals = (level: number): (Ends | null)[][] =>
      subject.spec.towers.map((tower, task) => {
        const [now, before] = [predictions, trained?.predictions ?? predictions].map((each) =>
          positiveScores(tower, each[task]!.probabilities),
        );
        return cellRows(tower, data, evaluation.domainNames.length).map((rows) =>
          isBinary(tower)
            ? deLong(now!, before!, data.labels.get(tower.label)!, { rows, level, users: users?.codes ?? null })
            : null,
        );
      });
    return { gammas, predictions, evaluation, gates, intervals };
  });
}

/** The model with its gates scaled, for analyses that read rows. */
export function scaledSubject({ spec, engine }: Subject, gammas: DialGammas): Readable {
  return {
    spec,
    engine: {
      use: async (work) => {
        const { scaledEngine } = await import("../../core/engine/scaled-engine.js");
        return engine.use((running) => {
          const { epnet, ppnet } = gammas;
          return work(scaledEngine(running, { epnet: epnet ?? undefined, ppnet: ppnet ?? undefined }));
        });
      },
    },
  };
}

/** Throws a SpecError if the model has no gates, or trains its gammas. */
export function assertScalable(spec: ModelSpec): void {
  const hasGates = hasEpnet(spec) || hasPpnet(spec);
  if (hasGates && !spec.switches.learnableGamma) return;
  throw new SpecError({
    path: "run.dial",
    message: hasGates ? "the model trains its gammas, so there is none to turn" : "the model has no gates",
    expected: "a model with EPNet or PPNet and fixed gammas",
  });
}

/** Throws a SpecError with every gamma that cannot be set. */
export function assertGammas(now: DialGammas, setting: Partial<DialGammas>): void {
  const problems = (["epnet", "ppnet"] as const).flatMap((module): Problem[] => {
    const gamma = setting[module];
    if (gamma == null) return [];
    const path = `dial.set: ${module}`;
    const message = `the model has no ${module === "epnet" ? "EPNet" : "PPNet"}`;
    return now[module] === null ? [{ path, message }] : checkNumber(path, gamma, { above: 0 });
  });
  if (problems.length > 0) throw new SpecError(problems);
}

/** @throws SpecError without a study or a curve over a gamma, or for a study of another model, tasks or domains */
export function assertStudy(
  study: ReportedStudy | null,
  gammas: DialGammas,
  towers: readonly string[],
  domainNames: readonly string[],
): ReportedStudy {
  const ablate = 'await model.ablate(train, { variants: { "epnet.gamma": [0.5, 1, 4] }, seeds: 5 })';
  if (study === null) {
    const fix = `run.dial(data, { study: ${ablate} })`;
    throw new SpecError({ path: "run.dial: study", message: "the dial was opened without a study", fix });
  }
  const { facts } = study;
  const curves = facts.responses.filter(({ path }) => path === "epnet.gamma" || path === "ppnet.gamma");
  const problem = (message: string, received: string, expected: string): Problem => {
    return { path: "run.dial: study", message, received, expected };
  };
  const problems: Problem[] = [];
  if (curves.length === 0) {
    const expected = "three values of a gamma or more, and two seeds or more";
    problems.push({ ...problem("the study has no curve over a gamma", "none", expected), fix: ablate });
  }
  for (const path of new Set(curves.map((curve) => curve.path))) {
    const trained = path === "epnet.gamma" ? gammas.epnet : gammas.ppnet;
    const studied = curves.find((curve) => curve.path === path)!.modelValue;
    if (trained === studied) continue;
    problems.push(problem(`${path} of the study's model is not the run's`, String(studied), String(trained)));
  }
  const names = (list: readonly string[]): string => (list.length === 0 ? "none" : list.join(", "));
  const tasks = facts.tasks.map(({ tower }) => tower);
  if (!tasks.some((tower) => towers.includes(tower))) {
    problems.push(problem("the study compares none of the run's tasks", names(tasks), names(towers)));
  }
  if (names(facts.domainNames) !== names(domainNames)) {
    problems.push(problem("the study's domains are not the run's", names(facts.domainNames), names(domainNames)));
  }
  if (problems.length > 0) throw new SpecError(problems);
  return study;
}

/** The rows, largest change first. @param place of the task @param group number of the domain; `null`: all */
export function movedRows(
  { data, numbers, subject }: DialParts<unknown>,
  [before, now]: readonly [DialState, DialState],
  { place, group, count }: { readonly place: number; readonly group: number | null; readonly count: number },
): readonly MovedRow[] {
  const [first, second] = [before.predictions[place]!, now.predictions[place]!];
  const classes = subject.spec.towers[place]!.numClass;
  const last = (values: Float32Array, row: number): number => values[(row + 1) * classes - 1]!;
  const all = Array.from(numbers, (row, at) => ({
    row,
    at,
    change: last(second.logits, at) - last(first.logits, at),
  })).filter(({ at }) => group === null || data.domains?.[at] === group);
  all.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.row - b.row);
  const { domainNames } = now.evaluation;
  return all.slice(0, count).map(({ row, at, change }) => ({
    row,
    domain: data.domains ? domainNames[data.domains[at]!]! : null,
    trained: last(first.probabilities, at),
    scaled: last(second.probabilities, at),
    change,
  }));
}
