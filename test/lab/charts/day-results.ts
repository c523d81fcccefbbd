/** Results of day-by-day trainings, made up, for charts. */
import type { Interval } from "../../../src/core/metrics/intervals/bootstrap.js";
import type { DayComparison, DayReport } from "../../../src/lab/days/facts.js";

const around = (value: number, reach: number): Interval => ({ value, low: value - reach, high: value + reach });
const nothing: Interval = { value: null, low: null, high: null };

/** Four measured days after two; the second domain has no rows on the first of them. */
export function dayReport(domainNames: readonly string[]): DayReport {
  const task = { tower: "ctr", label: "clk", within: null };
  const domains = [-1, ...domainNames.keys()];
  const variants = [
    { name: "warm", kind: "warm", window: null },
    { name: "afresh 2d", kind: "afresh", window: 2 },
    { name: "frozen", kind: "frozen", window: null },
  ] as const;
  const days = Array.from({ length: 6 }, (_, day) => {
    return {
      name: `2024-05-0${day + 1}`,
      rows: 1000 + day,
      isMeasured: day >= 2,
      newIds: { item_id: day === 0 ? 1 : 0.1 },
    };
  });
  const difference = (domain: number) => {
    const value = 0.012 - (0.02 * (domain + 1)) / domains.length;
    const says = value > 0.004 ? "better" : value < -0.004 ? "worse" : "undecided";
    return { ...around(value, 0.004), verdict: says, says: `${says} than frozen` } as const;
  };
  return {
    unit: "day",
    days,
    variants,
    tasks: [task],
    domainNames,
    user: "user_id",
    item: "item_id",
    matters: 0.001,
    cells: domains.flatMap((domain) =>
      [2, 3, 4, 5].flatMap((day) =>
        variants.map(({ name }, v) => {
          const isEmpty = domain === 1 && day === 2;
          const auc = isEmpty ? nothing : around(0.7 - v * 0.004 * day + domain / 500, 0.01);
          const [rows, note] = isEmpty ? [0, "no rows"] : [500, null];
          return { task, domain, day, variant: name, rows, positives: rows / 4, auc, logLoss: auc, note };
        }),
      ),
    ),
    comparisons: domains.map((domain): DayComparison => {
      const pair = { metric: "auc", variant: "warm", than: "frozen", days: 4 } as const;
      return { task, domain, ...pair, ...difference(domain) };
    }),
    ageing: domains.flatMap((domain) =>
      [1, 2].map((age) => {
        return {
          task,
          domain,
          metric: "auc",
          age,
          days: 4 - age,
          loss: around(0.004 * age + domain / 1000, 0.005),
        } as const;
      }),
    ),
    halfLives: domains.map((domain) => ({ task, domain, ...around(4, 1) })),
    aged: "afresh 2d",
    trainings: [{ name: "start", variant: "warm", from: 0, to: 1, rows: 2001, steps: 16 }],
    sentences: [],
    interrupted: false,
  };
}
