/** Metrics and losses of towers: TorchEasyRec's own results. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { passed } from "../../parity/check.js";
import { checkLossCase, type LossCase } from "../../parity/metrics/loss-case.js";
import { checkMetricCase, type MetricCase } from "../../parity/metrics/metric-case.js";
import { checkParetoCase, type ParetoCase } from "../../parity/metrics/pareto-case.js";
import { hasShared, sharedPath } from "../shared.js";

const golden = hasShared ? JSON.parse(readFileSync(sharedPath("golden", "metrics.json"), "utf8")) : {};
const metrics: readonly MetricCase[] = golden.metrics ?? [];
const losses: readonly LossCase[] = golden.losses ?? [];
const done = (outcome: ReturnType<typeof checkMetricCase>): boolean =>
  passed({ name: "", engine: null, error: null, ...outcome });

describe.skipIf(!hasShared)("metrics", () => {
  const evaluated = metrics.filter(({ value_after_each_batch: after }) => after === undefined);

  it("there are many", () => expect(evaluated.length).toBeGreaterThan(60));

  it.each(evaluated.map((each): [string, MetricCase] => [each.name, each]))("%s", (_, each) => {
    const outcome = checkMetricCase(each);
    expect(done(outcome), JSON.stringify(outcome)).toBe(true);
    if (each.error !== undefined && !/max_pairs/.test(each.metric)) expect(outcome.note).toMatch(/^refused/);
  });

  const tracked = metrics.filter(({ value_after_each_batch: after }) => after !== undefined);

  it.each(tracked.map((each): [string, MetricCase] => [each.name, each]))("%s", (_, each) => {
    expect(each.value_after_each_batch!.length).toBeGreaterThan(4);
    expect(done(checkMetricCase(each))).toBe(true);
    const values = each.value_after_each_batch!.map((value) => value * 1.001);
    expect(done(checkMetricCase({ ...each, value_after_each_batch: values }))).toBe(false);
  });

  it.each(["xauc", "multiclass_auc", "grouped_auc", "normalized_entropy"])("another %s fails", (kind) => {
    const each = evaluated.find(({ metric, value }) => metric.startsWith(kind) && Number(value) > 0)!;
    expect(done(checkMetricCase({ ...each, value: Number(each.value) * 1.001 }))).toBe(false);
  });
});

describe.skipIf(!hasShared).each(["compiled", "cpu"] as const)("losses on the engine %s", (engine) => {
  it("there are many", () => expect(losses.length).toBeGreaterThan(30));

  it.each(losses.map((each): [string, LossCase] => [each.name, each]))("%s", async (_, each) => {
    const outcome = await checkLossCase(each, engine);
    expect(done(outcome), JSON.stringify(outcome)).toBe(true);
    if (each.error !== undefined) expect(outcome.note).toMatch(/^refused/);
  });
});

describe.skipIf(!hasShared).each(["compiled", "wasm"] as const)("Pareto weights on the engine %s", (engine) => {
  const cases: readonly ParetoCase[] = golden.pareto?.cases ?? [];
  const found = async (each: ParetoCase): Promise<boolean> =>
    passed({ name: "", engine, error: null, note: null, checks: await checkParetoCase(each, engine) });

  it("there are five", () => expect(cases).toHaveLength(5));

  it.each(cases.map((each): [string, ParetoCase] => [each.name, each]))("%s", async (_, each) => {
    expect(await found(each)).toBe(true);
  });

  it("with another minimum fail", async () => {
    const each = cases.find(({ name }) => name.startsWith("three towers"))!;
    const model_config = each.model_config.replace("pareto_min_loss_weight: 0.2", "pareto_min_loss_weight: 0.21");
    expect(await found({ ...each, model_config })).toBe(false);
  });
});

it.skipIf(!hasShared)("a loss that is off fails, and so does its gradient", async () => {
  const each = losses.find(({ name }) => name === "jrc_loss weighted")!;
  const [name, value] = Object.entries(each.losses!)[0]!;
  expect(done(await checkLossCase({ ...each, losses: { [name]: Number(value) + 1e-4 } }, "cpu"))).toBe(false);
  const session = each.session!.map((own, row) => (row === 0 ? own + 1 : own));
  expect(done(await checkLossCase({ ...each, session }, "cpu"))).toBe(false);
});
