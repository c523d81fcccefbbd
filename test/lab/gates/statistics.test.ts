import { describe, expect, it } from "vitest";
import type { GateSite } from "../../../src/core/engine/engine.js";
import { random } from "../../../src/core/util/random.js";
import { measureGate } from "../../../src/lab/gates/statistics.js";

const site: GateSite = { module: "epnet", tower: null, layer: 0, units: 2, gamma: 2 };
/** Unit 0 follows the domain alone; unit 1 is stuck at gamma / 2. */
const values = Float32Array.of(0.05, 1, 0.05, 1, 1.95, 1, 1.95, 1);
const domains = Int32Array.of(0, 0, 1, 1);

const measured = (...gate: Parameters<typeof measureGate>) => measureGate(...gate).report;

/** Linear interpolation between the two nearest values of an ascending array. */
function quantile(sorted: Float32Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

describe("gate statistics", () => {
  const report = measured(site, values, domains, 3);

  it("are over all rows and over each domain's rows", () => {
    expect(report.overall.rows).toBe(4);
    expect(report.overall.mean).toBeCloseTo(1, 6);
    expect(report.domains.map((d) => d.rows)).toEqual([2, 2, 0]);
    expect(report.domains[0]?.mean).toBeCloseTo(0.525, 6);
    expect(report.domains[1]?.mean).toBeCloseTo(1.475, 6);
  });

  it("say how much of a gate is closed, open and at identity", () => {
    expect(report.overall.closed).toBe(0.25);
    expect(report.overall.open).toBe(0.25);
    expect(report.overall.identity).toBe(0.5);
  });

  it("find units that do not move", () => {
    expect(report.overall.deadUnits).toBe(0.5);
  });

  it("attribute the variance of a unit that follows the domain to the domain, units that do not vary left out", () => {
    expect(report.domainVariance).toBeCloseTo(1, 6);
  });

  it("count gamma itself as open, and attribute no variance without domains", () => {
    const full = measured({ ...site, units: 1 }, Float32Array.of(0, 2), null, 0);
    expect([full.overall.closed, full.overall.open]).toEqual([0.5, 0.5]);
    expect(full.domainVariance).toBeNull();
  });

  it("give NaN, not a crash, for a domain without rows", () => {
    expect(report.domains[2]?.mean).toBeNaN();
    expect(report.domains[2]?.quantiles[2]).toBeNaN();
  });

  it("interpolate quantiles", () => {
    const gate = measured({ ...site, units: 1, gamma: 4 }, Float32Array.of(0, 1, 2, 3), null, 0);
    expect(gate.overall.quantiles[2]).toBe(1.5);
  });
});

describe("on seeded values, against the plainest way to compute each", () => {
  const source = random(4);
  const rows = 400;
  const units = 5;
  const seeded = Float32Array.from({ length: rows * units }, (_, i) =>
    i % units === 4 ? 1.3 : 2 / (1 + Math.exp(-source.normal() - 0.4 * (Math.floor(i / units) % 3))),
  );
  const own = Int32Array.from({ length: rows }, (_, row) => row % 3);
  const gate = measured({ ...site, units }, seeded, own, 4);
  const valuesOf = (domain: number | null): number[] =>
    Array.from(seeded).filter((_, i) => domain === null || own[Math.floor(i / units)] === domain);
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;

  it.each([null, 0, 2])("moments, shares and quantiles (domain %s)", (domain) => {
    const got = domain === null ? gate.overall : gate.domains[domain]!;
    const list = valuesOf(domain);
    const sorted = Float32Array.from(list).sort();
    expect(got.mean).toBeCloseTo(mean(list), 9);
    expect(got.std).toBeCloseTo(Math.sqrt(mean(list.map((v) => (v - mean(list)) ** 2))), 9);
    expect(got.quantiles).toEqual([0.05, 0.25, 0.5, 0.75, 0.95].map((share) => quantile(sorted, share)));
    expect(got.closed).toBe(mean(list.map((v) => Number(v < 0.1))));
    expect(got.open).toBe(mean(list.map((v) => Number(v > 1.9))));
    expect(got.identity).toBe(mean(list.map((v) => Number(Math.abs(v / 2 - 0.5) < 0.02))));
    expect(got.deadUnits).toBe(1 / units);
  });

  it("the share of the variance that the domain explains", () => {
    const groups = [...new Set(own)];
    const shares = [0, 1, 2, 3].map((unit) => {
      const column = Array.from({ length: rows }, (_, row) => seeded[row * units + unit]!);
      const center = mean(column);
      const total = column.reduce((sum, value) => sum + (value - center) ** 2, 0);
      const within = groups.reduce((sum, group) => {
        const mine = column.filter((_, row) => own[row] === group);
        return sum + mine.reduce((s, value) => s + (value - mean(mine)) ** 2, 0);
      }, 0);
      return 1 - within / total;
    });
    expect(gate.domainVariance).toBeCloseTo(mean(shares), 9);
    expect(gate.domainVariance).toBeGreaterThan(0.01);
  });

  it("a value that is not a number is counted, and what needs it is a gap", () => {
    const broken = seeded.slice();
    broken[7] = Number.NaN;
    const got = measured({ ...site, units }, broken, own, 4);
    expect(got.overall.notFinite).toBe(1 / (rows * units));
    expect(got.overall.mean).toBeCloseTo(gate.overall.mean, 2);
    expect(got.domainVariance).toBeNull();
    expect(got.domains[1]?.deadUnits).toBeNaN();
    expect(got.domains[0]).toEqual(gate.domains[0]);
  });

  it("a domain of one row has no spread, and no crash", () => {
    const one = measured(site, Float32Array.of(0.5, 1.5), Int32Array.of(1), 2);
    expect(one.domains[1]).toMatchObject({
      rows: 1,
      mean: 1,
      quantiles: [0.55, 0.75, 1, 1.25, 1.45].map((q) => expect.closeTo(q, 6)),
    });
    expect(one.domainVariance).toBeNull();
  });
});
