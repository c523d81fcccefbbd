/** The evaluation that a study compares: the same rule for all models, and no bias from choosing it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AnyModel } from "../../../src/api/model/types.js";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import { random } from "../../../src/core/util/random.js";
import { halvesOf } from "../../../src/lab/ablation/own-length.js";
import type { StudyReport } from "../../../src/lab/ablation/study.js";
import { studyConclusions } from "../../../src/lab/views/studies/conclusions.js";
import { study } from "../charts/study-results.js";
import { model as planted, rows } from "../gates/planted.js";

beforeAll(() => {
  vi.stubEnv("PEPNET_CACHE", mkdtempSync(path.join(tmpdir(), "pepnet-best-")));
});
afterAll(() => {
  rmSync(process.env.PEPNET_CACHE!, { recursive: true });
  vi.unstubAllEnvs();
});

describe("halves", () => {
  test("are disjoint and complete, and keep users whole", () => {
    const codes = Int32Array.from({ length: 500 }, (_, row) => (row % 7 === 0 ? -1 : row % 40));
    const { choosing, comparing } = halvesOf(500, { name: "user", codes });
    expect([...choosing, ...comparing].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, row) => row));
    const users = (numbers: Int32Array) => new Set([...numbers].map((row) => codes[row]!).filter((code) => code >= 0));
    expect([...users(choosing)].filter((user) => users(comparing).has(user))).toEqual([]);
    expect(halvesOf(10, null).choosing).toHaveLength(5);
    expect(halvesOf(10, { name: "user", codes: new Int32Array(10) }).choosing).toHaveLength(5);
  });
});

test("in 300 studies without signal, choosing one of eight evaluations on the other half is not biased", () => {
  const [size, evaluations, studies] = [400, 8, 300];
  const { choosing, comparing } = halvesOf(size, null);
  let [same, other] = [0, 0];
  for (let at = 0; at < studies; at++) {
    const source = random(at + 1);
    const labels = Float32Array.from({ length: size }, () => source.integer(2));
    const scores = Array.from({ length: evaluations }, () =>
      Float32Array.from({ length: size }, () => source.normal()),
    );
    const part = (values: Float32Array, numbers: Int32Array) => Float32Array.from(numbers, (row) => values[row]!);
    const aucOn = (score: Float32Array, numbers: Int32Array) => exactAuc(part(score, numbers), part(labels, numbers))!;
    const chosen = scores.reduce((best, score) => (aucOn(score, choosing) > aucOn(best, choosing) ? score : best));
    same += aucOn(chosen, choosing) - 0.5;
    other += aucOn(chosen, comparing) - 0.5;
  }
  expect(same / studies).toBeGreaterThan(0.03);
  expect(Math.abs(other / studies)).toBeLessThan(3 * 0.0017); // three standard errors: 0.029 / √300
});

test("with early stopping, a study compares on the half that did not choose, and says so", async () => {
  const model = (planted as AnyModel).train({ batchSize: 128, epochs: 3 });
  const options = { validation: rows(600, 2, true), seeds: 1, draws: 10, quiet: true } as const;
  const variants = { "epnet.gamma": [1] };
  const stopped = await model.ablate(rows(1024, 1, true), { ...options, variants, earlyStopping: true });
  expect(stopped.evaluationRows).toBe(300);
  expect(stopped.variants[0]!.runs[0]!.bestStep).not.toBeNull();
  expect(stopped.notes.join()).toContain("early stopping chose each run's evaluation on a random half of the 600");
  const full = await model.ablate(rows(1024, 1, true), { ...options, variants });
  expect(full.evaluationRows).toBe(600);
  expect(full.variants[0]!.runs[0]!.bestStep).toBeNull();
});

describe("a metric that peaks before the end", () => {
  /** The AUC of each task at four evaluations, over all seeds. */
  const withCurves = (report: StudyReport, aucs: readonly number[], bestStep: number | null = null): StudyReport => ({
    ...report,
    variants: report.variants.map((variant) => ({
      ...variant,
      runs: variant.runs.map((run, seed) => ({
        ...run,
        bestStep,
        evaluations: run.evaluations.map((point, at) => ({
          ...point,
          evaluation: {
            ...point.evaluation,
            tasks: point.evaluation.tasks.map((task) => ({
              ...task,
              overall: { ...task.overall, auc: aucs[at]! + 0.001 * seed },
            })),
          },
        })),
      })),
    })),
  });
  const about = (report: StudyReport) => studyConclusions(report).filter((line) => line.includes("peaks before"));

  test("is in the conclusions, with its step, its fall, and what to do", () => {
    const report = study(["home"]);
    const [step, last] = [1, 3].map((at) => report.variants[0]!.runs[0]!.evaluations[at]!.step);
    const [ctr, cvr, ...more] = about(withCurves(report, [0.68, 0.71, 0.69, 0.67]));
    expect(more).toEqual([]);
    expect(ctr).toContain(`In 5 of 5 models, ctr AUC peaks before the end: in the model at step ${step} of ${last}`);
    expect(ctr).toContain("worse by 0.0400 at the end, which is more than any variant changes it");
    expect(cvr).toContain(`use model.train({ steps: ${step} })`);
  });

  test("is not, if it rises to the end, or early stopping kept the best", () => {
    expect(about(withCurves(study(["home"]), [0.68, 0.69, 0.7, 0.71]))).toEqual([]);
    expect(about(withCurves(study(["home"]), [0.68, 0.71, 0.69, 0.67], 2))).toEqual([]);
    expect(about(withCurves(study(["home"]), [0.68, 0.7005, 0.7005, 0.7]))).toEqual([]);
  });
});
