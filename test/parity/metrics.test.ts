/** Metrics and losses of towers: TorchEasyRec's own results. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { passed } from "../../parity/check.js";
import { checkMetricCase, type MetricCase } from "../../parity/metrics/metric-case.js";
import { hasShared, sharedPath } from "../shared.js";

const golden = hasShared ? JSON.parse(readFileSync(sharedPath("golden", "metrics.json"), "utf8")) : {};
const metrics: readonly MetricCase[] = golden.metrics ?? [];
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

  it.each(["xauc", "multiclass_auc", "grouped_auc", "normalized_entropy"])("another %s fails", (kind) => {
    const each = evaluated.find(({ metric, value }) => metric.startsWith(kind) && Number(value) > 0)!;
    expect(done(checkMetricCase({ ...each, value: Number(each.value) * 1.001 }))).toBe(false);
  });
});
