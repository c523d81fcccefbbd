/** Differences between domains' gates: equal domains come out as equal, planted ones are found. */
import { describe, expect, test } from "vitest";
import { gateDifferences } from "../../src/gates/differences.js";
import { random } from "../../src/util/random.js";

const epnet = { module: "epnet", tower: null, layer: 0, units: 6, gamma: 2 } as const;
const ppnet = { module: "ppnet", tower: "ctr", layer: 0, units: 8, gamma: 2 } as const;
const fields = [
  { field: "price", start: 0, end: 2 },
  { field: "brand", start: 2, end: 6 },
];

/** Gates of rows, of users with habits; `plus` is added to a unit in a domain. */
function differences(
  seed: number,
  {
    rows = 1200,
    domains = 3,
    rowsPerUser = 1,
    plus = (_unit: number, _domain: number, _module: string): number => 0,
  } = {},
) {
  const { normal, uniform } = random(seed);
  const domainOf = Int32Array.from({ length: rows }, () => Math.floor(uniform() * domains));
  const userOf = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / rowsPerUser));
  // All rows of a user are in one domain, where habits do most harm.
  if (rowsPerUser > 1) for (let row = 0; row < rows; row++) domainOf[row] = domainOf[row - (row % rowsPerUser)]!;
  const habits = Float64Array.from({ length: rows }, () => 0.2 * normal());
  const sites = [epnet, ppnet].map((site) => ({
    site: site as never,
    values: Float32Array.from({ length: rows * site.units }, (_, at) => {
      const row = Math.floor(at / site.units);
      const unit = at % site.units;
      return 1 + habits[userOf[row]!]! + 0.1 * normal() + plus(unit, domainOf[row]!, site.module);
    }),
  }));
  const users = rowsPerUser > 1 ? userOf : null;
  return gateDifferences(sites, fields, { domains: domainOf, domainCount: domains, users, user: null });
}

const beyond = (report: ReturnType<typeof differences>) =>
  report!.cells.filter((cell) => cell.isBeyondNoise || (cell.units?.beyondNoise ?? 0) > 0);

describe("differences between domains' gates", () => {
  test.each([
    ["rows", 1],
    ["users with eight rows each", 8],
  ])("of equal domains are found in at most 5%% of samples, over %s", (_, rowsPerUser) => {
    const samples = 200;
    const cries = Array.from(
      { length: samples },
      (__, seed) => beyond(differences(seed + 1, { rowsPerUser })).length > 0,
    );
    const share = cries.filter(Boolean).length / samples;
    expect(share).toBeLessThan(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / samples));
  });

  test("have intervals that contain the truth in 95% of samples", () => {
    const plus = (unit: number, domain: number) => (domain === 1 && unit < 2 ? 0.3 : 0);
    const covered = Array.from({ length: 200 }, (_, seed) => {
      const report = differences(seed + 500, { rowsPerUser: 4, plus });
      const cell = report!.cells.find(({ field, domain }) => field === "price" && domain === 1)!;
      return cell.low <= 0.3 && cell.high >= 0.3;
    });
    expect(covered.filter(Boolean).length).toBeGreaterThan(180);
    expect(covered.filter(Boolean).length).toBeLessThan(199);
  });

  test("that were planted are found: a field, and units that cancel in their layer's mean", () => {
    const plus = (unit: number, domain: number, module: string) => {
      if (module === "epnet") return domain === 2 && unit >= 2 ? 0.2 : 0;
      return domain === 0 && unit < 2 ? [0.3, -0.3][unit]! : 0;
    };
    const report = differences(11, { rows: 3000, plus })!;
    const brand = report.cells.find(({ field, domain }) => field === "brand" && domain === 2)!;
    expect(brand.isBeyondNoise).toBe(true);
    expect(brand.value).toBeCloseTo(0.2, 1);
    expect(report.cells.filter(({ field, isBeyondNoise }) => field === "price" && isBeyondNoise)).toEqual([]);
    const layer = report.cells.find(({ module, domain }) => module === "ppnet" && domain === 0)!;
    expect(layer.isBeyondNoise).toBe(false);
    expect(layer.units).toMatchObject({ count: 8, beyondNoise: 2 });
    expect(Math.abs(layer.units!.furthest.value)).toBeCloseTo(0.3, 1);
  });

  test("of two domains are one difference, of gates without variation 0, of one domain nothing", () => {
    const two = differences(3, { domains: 2 })!;
    expect(two.isPair).toBe(true);
    expect(two.cells.every(({ domain }) => domain === 0)).toBe(true);
    expect(two.tests).toBe(2 + 1 + 8);
    expect(differences(3, { domains: 1 })).toBeNull();
    const still = { site: epnet as never, values: new Float32Array(60 * 6).fill(1) };
    const domains = Int32Array.from({ length: 60 }, (_, row) => row % 3);
    const flat = gateDifferences([still], fields, { domains, domainCount: 3, users: null, user: null })!;
    expect(flat.cells.map(({ value, isBeyondNoise }) => [value, isBeyondNoise])).toEqual(
      flat.cells.map(() => [0, false]),
    );
  });

  test("leave out domains with fewer than ten rows", () => {
    const domains = Int32Array.from({ length: 100 }, (_, row) => (row < 5 ? 2 : row % 2));
    const values = Float32Array.from({ length: 600 }, (_, at) => 1 + (at % 7) / 10);
    const report = gateDifferences([{ site: epnet as never, values }], fields, {
      ...{ domains, domainCount: 3, users: null, user: null },
    })!;
    expect(report.cells.map(({ domain }) => domain)).toEqual([0, 0]);
  });
});
