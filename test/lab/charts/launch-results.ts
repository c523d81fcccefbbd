/** Results of launches, made up, for charts. */
import type { Interval } from "../../../src/core/metrics/intervals/bootstrap.js";
import type { LaunchReport, LaunchStart } from "../../../src/lab/launch/facts.js";

const around = (value: number, reach: number): Interval => ({ value, low: value - reach, high: value + reach });

/** The last domain is launched from the others, in three numbers of rows; a start was not trained on the first. */
export function launchReport(domainNames: readonly string[]): LaunchReport {
  const task = { tower: "ctr", label: "clk", within: null };
  const names = domainNames.length > 1 ? domainNames.slice(0, -1) : domainNames;
  const starts: LaunchStart[] = [
    ...names.map((name, domain): LaunchStart => ({ name: `from ${name}`, kind: "domain", domains: [domain] })),
    { name: "nothing", kind: "nothing", domains: [] },
  ];
  const sizes = [0, 300, 1000];
  const gap = (start: number) => (0.2 * start) / (start + 8);
  const says = { verdict: "pays", says: "its own tower pays from about 800 rows (300 to 990)" } as const;
  return {
    domain: domainNames.at(-1) ?? "live",
    starts,
    sizes,
    baseRows: 8000,
    measuredRows: 2000,
    order: "time",
    tasks: [task],
    user: "user_id",
    matters: 0.002,
    draws: 5,
    cells: starts.flatMap(({ name }, start) =>
      sizes.map((trained, size) => {
        const isEmpty = start === 1 && size === 1;
        const auc = isEmpty ? { value: null, low: null, high: null } : around(0.7 - gap(start) + size * 0.01, 0.01);
        const note = isEmpty ? "no batch of rows" : null;
        return { task, start: name, trained, rows: 2000, positives: 500, auc, logLoss: auc, note };
      }),
    ),
    comparisons: starts.slice(1).map(({ name }, at) => {
      const verdict = { verdict: "worse", says: `worse than ${starts[0]!.name}` } as const;
      return {
        task,
        start: name,
        than: starts[0]!.name,
        mean: 0.71 - gap(at + 1),
        ...around(gap(at + 1), 0.01),
        ...verdict,
      };
    }),
    best: [{ task, start: starts[0]!.name }],
    pays: starts
      .filter(({ kind }) => kind === "domain")
      .map(({ name }, at) => {
        const gains = sizes.slice(1).map((trained, size) => {
          return { trained, gain: around(0.001 + size * 0.01 + gap(at) / 10, 0.004) };
        });
        return { task, start: name, gains, from: { value: 800, low: 300, high: 990 }, ...says };
      }),
    trainings: [{ name: "base", draw: 0, start: null, rows: 8000, steps: 63 }],
    sentences: [],
    interrupted: false,
  };
}
