import { describe, expect, it } from "vitest";
import type { GateSite } from "../../src/engine/engine.js";
import { quantile } from "../../src/gates/quantiles.js";
import { gateReport, histogramBins } from "../../src/gates/statistics.js";

const site: GateSite = { module: "epnet", tower: null, layer: 0, units: 2, gamma: 2 };
/** Unit 0 follows the domain alone; unit 1 is stuck at gamma / 2. */
const values = Float32Array.of(0.05, 1, 0.05, 1, 1.95, 1, 1.95, 1);
const domains = Int32Array.of(0, 0, 1, 1);

describe("gate statistics", () => {
  const report = gateReport(site, values, domains, 3);

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

  it("count every value in the histogram once, gamma itself in the last bin", () => {
    const full = gateReport({ ...site, units: 1 }, Float32Array.of(0, 2), null, 0);
    expect(full.overall.histogram).toHaveLength(histogramBins);
    expect(full.overall.histogram[0]).toBe(1);
    expect(full.overall.histogram.at(-1)).toBe(1);
    expect(full.domainVariance).toBeNull();
  });

  it("give NaN, not a crash, for a domain without rows", () => {
    expect(report.domains[2]?.mean).toBeNaN();
    expect(report.domains[2]?.quantiles[2]).toBeNaN();
  });

  it("interpolate quantiles", () => {
    expect(quantile(Float32Array.of(0, 1, 2, 3), 0.5)).toBe(1.5);
  });
});
