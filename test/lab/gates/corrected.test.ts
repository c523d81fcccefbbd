/** One correction for all changes of AUC that a report shows. */
import { expect, it } from "vitest";
import { corrected } from "../../../src/lab/gates/counterfactual.js";
import { changeVerdict } from "../../../src/lab/views/gates/counterfactuals.js";

const interval = (value: number, half: number) => ({ value, low: value - half, high: value + half });

it("of twenty changes, one whose interval just excludes 0 is noise, and one far from it is not", () => {
  const effect = (value: number) => ({ rows: 100, auc: interval(value, 0.0095), logitChange: 0 });
  const domains = [effect(0.01), effect(0.05), ...Array.from({ length: 17 }, () => effect(0.001))];
  const task = { tower: "ctr", overall: effect(0.001), domains, parts: null, mostChanged: [] };
  const [first] = corrected([{ name: "EPNet off", nested: null, tasks: [task] }]);
  const verdicts = first!.tasks[0]!.domains.map(({ auc }) => changeVerdict(auc));
  expect(verdicts.slice(0, 3)).toEqual(["no difference beyond noise", "better", "no difference beyond noise"]);
  // z = 0.05 / (0.0095 / 1.96); the smallest of 20 p values times 20.
  expect(first!.tasks[0]!.domains[0]!.auc.adjustedPValue).toBeGreaterThan(0.3);
  expect(first!.tasks[0]!.domains[1]!.auc.adjustedPValue).toBeLessThan(1e-10);
});

it("a change without an interval has no p value", () => {
  const auc = { value: 0.1, low: null, high: null };
  const task = {
    tower: "ctr",
    overall: { rows: 1, auc, logitChange: null },
    domains: [],
    parts: null,
    mostChanged: [],
  };
  expect(corrected([{ name: "a", nested: null, tasks: [task] }])[0]!.tasks[0]!.overall.auc.adjustedPValue).toBeNull();
});

it("a swap that users' domains leave open has no verdict, and takes no part in the correction", () => {
  const effect = { rows: 100, auc: interval(0.05, 0.01), logitChange: 0 };
  const task = { tower: "ctr", overall: effect, domains: [], parts: null, mostChanged: [] };
  const [swap, off] = corrected([
    { name: "another domain", nested: "user_id", tasks: [task] },
    { name: "EPNet off", nested: null, tasks: [task] },
  ]);
  expect(swap!.tasks[0]!.overall.auc.adjustedPValue).toBeNull();
  expect(changeVerdict(swap!.tasks[0]!.overall.auc, swap!.nested)).toBe(
    "cannot be told: most values of user_id are in one domain only",
  );
  expect(off!.tasks[0]!.overall.auc.adjustedPValue).toBeCloseTo(
    corrected([off!])[0]!.tasks[0]!.overall.auc.adjustedPValue!,
    12,
  );
});
