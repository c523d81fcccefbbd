/**
 * Models and tables of ten thousand features: no step goes through all of them for each of them. Reads of the lists are
 * counted at two sizes; twice as many features may cost twice as many reads, not four times.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { modelFromSpec } from "../../src/api/model/model.js";
import { configText } from "../../src/core/config/config-from-spec.js";
import { specFromConfig } from "../../src/core/config/spec-from-config.js";
import { check } from "../../src/core/data/check/check.js";
import { encode } from "../../src/core/data/encode/encode.js";
import type { Source } from "../../src/core/data/sources/file-version.js";
import { describe as describeTable } from "../../src/core/data/summary/describe.js";
import { openTable } from "../../src/core/data/table/open.js";
import { Table } from "../../src/core/data/table/table.js";
import { ConfigError, type Problem } from "../../src/core/errors/index.js";
import { planModel } from "../../src/core/nn/plan/plan.js";
import { modelSize } from "../../src/core/nn/plan/size.js";
import { modelStructure } from "../../src/core/nn/plan/structure.js";
import { emptySpec, type ModelSpec } from "../../src/core/spec/model.js";
import { layerInput } from "../../src/core/spec/sizes.js";
import { denseTables } from "../../src/core/spec/table-placement.js";
import { validateSpec } from "../../src/core/spec/validate/model.js";
import { unsupportedProblems } from "../../src/core/spec/validate/unsupported.js";
import { specWarnings } from "../../src/core/spec/validate/warnings.js";
import { idSpec, rawSpec, towerSpec } from "../core/data/specs.js";

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);

function specOf(count: number): ModelSpec {
  const all = names(count);
  const features = all.map((name, at) => (at % 2 === 0 ? idSpec(name, 10) : rawSpec(name)));
  return {
    ...emptySpec,
    features: [idSpec("scene", 2), ...features],
    labels: ["clk", "scene"],
    groups: [
      { name: "all", features: ["scene", ...all], extra: {} },
      { name: "domain", features: ["scene"], extra: {} },
      { name: "uia", features: ["scene"], extra: {} },
    ],
    epnet: { ...emptySpec.epnet, hidden: 4 },
    ppnet: { ...emptySpec.ppnet, hidden: [4] },
    domains: { column: "scene", count: 2, names: null },
    towers: [
      towerSpec("ctr", "clk", { mlp: { hidden: [4], activation: "nn.ReLU", dropout: [], batchNorm: false } as never }),
    ],
  };
}

const columnsOf = (count: number, last = 3) => ({
  scene: [0, 1, 0, 1],
  clk: [0, 1, 1, 0],
  ...Object.fromEntries(names(count).map((name, at) => [name, [at % 10, 1, 2, last]])),
});

/** A list whose items are counted as they are read. */
function counted<Item>(list: readonly Item[], count: { reads: number }): readonly Item[] {
  return new Proxy(list as Item[], {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) count.reads += 1;
      return Reflect.get(target, key, receiver);
    },
  });
}

function countedSpec(size: number, count: { reads: number }): ModelSpec {
  const spec = specOf(size);
  const groups = spec.groups.map((group) => ({ ...group, features: counted(group.features, count) }));
  return { ...spec, features: counted(spec.features, count), groups };
}

async function countedTable(size: number, count: { reads: number }, last?: number): Promise<Table> {
  const table = await openTable(columnsOf(size, last));
  const source: Source = {
    name: "counted",
    rows: table.rows,
    columns: counted(table.columns, count),
    parts: async function* (wanted) {
      yield await table.read(wanted);
    },
    version: async () => null,
    assertUnchanged: async () => undefined,
    locate: async (row) => ({ source: "counted", row }),
  };
  return new Table(source);
}

/** How many times as many reads the work takes for twice as many features. */
async function growth(work: (size: number, count: { reads: number }) => unknown): Promise<number> {
  const reads: number[] = [];
  for (const size of [150, 300]) {
    const count = { reads: 0 };
    await work(size, count);
    reads.push(count.reads);
  }
  return (reads[1] as number) / (reads[0] as number);
}

describe("reads of features and columns grow with their number", () => {
  const steps: Readonly<Record<string, (spec: ModelSpec) => unknown>> = {
    validate: validateSpec,
    warn: specWarnings,
    "look for what is not supported": unsupportedProblems,
    plan: planModel,
    "feed layers": layerInput,
    "place tables": denseTables,
    "count parameters": modelSize,
    "lay out": modelStructure,
    "print a config": configText,
    "print and open a config": (spec) => specFromConfig(configText(spec)),
    "show a model": (spec) => modelFromSpec(spec).bundle(),
  };
  it.each(Object.entries(steps))("%s", async (_, step) => {
    expect(await growth((size, count) => step(countedSpec(size, count)))).toBeLessThan(2.5);
  });

  const looks: Readonly<Record<string, (table: Table, spec: ModelSpec) => unknown>> = {
    describe: (table) => describeTable(table, { labels: ["clk"], domain: "scene" }),
    check: (table, spec) => check(table, spec),
    "check against training rows": (table, spec) => check(table, spec, { training: table }),
    encode: (table, spec) => encode(table, spec),
    head: (table) => table.head(2),
  };
  it.each(Object.entries(looks))("%s", async (_, look) => {
    const work = async (size: number, count: { reads: number }) => {
      const table = await countedTable(size, count);
      await look(table, countedSpec(size, count));
    };
    expect(await growth(work)).toBeLessThan(2.5);
  });

  it("check where each feature has a warning", async () => {
    const work = async (size: number, count: { reads: number }) => {
      const table = await countedTable(size, count, 99);
      expect((await check(table, countedSpec(size, count))).findings.length).toBeGreaterThanOrEqual(size / 2);
    };
    expect(await growth(work)).toBeLessThan(2.5);
  });
});

describe("ten thousand features", () => {
  const spec = specOf(10_000);

  it("are opened, described, checked, built, printed and opened again", async () => {
    const all = ["scene", "clk", ...names(10_000)];
    const rows = Array.from({ length: 5 }, (_, row) => all.map((_, at) => ((row >> (at % 2)) + at) % 2).join(","));
    const path = join(mkdtempSync(join(tmpdir(), "pepnet-wide-")), "wide.csv");
    writeFileSync(path, `${all.join(",")}\n${rows.join("\n")}\n`);
    const table = await openTable(path);
    expect(table.names).toEqual(all);
    expect((await describeTable(table, { labels: ["clk"], domain: "scene" })).columns).toHaveLength(10_002);
    expect((await check(table, spec)).findings).toEqual([]);
    expect(Object.keys((await table.head(1))[0] as object)).toEqual(all);
    expect((await encode(table, spec)).features.size).toBe(10_001);
    expect(specFromConfig(configText(spec)).features).toHaveLength(10_001);
    expect((await modelFromSpec(spec).bundle())["text/plain"]).toContain("10,001 features");
  });

  it("of which none is in the data are errors that say so in few words", async () => {
    const found = await check(await openTable({ other: [1, 2] }), spec);
    expect(found.findings.length).toBeGreaterThan(10_000);
    const error = await encode(await openTable(columnsOf(0)), spec).catch((thrown: Error) => thrown);
    expect((error as Error).message.length).toBeLessThan(100_000);
    expect((error as Error).message).toMatch(/… and 9,900 more$/);
    const wide = await openTable(Object.fromEntries(names(10_000).map((name) => [`${name}_`, [1]])));
    const unknown = await encode(wide, spec).catch((thrown: Error) => thrown);
    expect((unknown as Error).message.length).toBeLessThan(100_000);
  });
});

describe("a config of which every line is wrong", () => {
  const twenty = Array.from({ length: 20_000 }, (_, index) => index);
  const base = configText(specOf(1));
  const problemsOf = (text: string): readonly Problem[] => {
    try {
      specFromConfig(text);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };

  it("names them all: values out of range, in the config's own paths", () => {
    const features = twenty.map((at) => {
      const range = "num_buckets: 0 embedding_dim: 4";
      return `feature_configs { id_feature { feature_name: "a.${at}" expression: "user:a" ${range} } }`;
    });
    const found = problemsOf(`${base}\n${features.join("\n")}`);
    expect(found).toHaveLength(20_000);
    const [first] = found;
    expect(first?.path).toMatch(/^feature_configs\[\d\]\.id_feature\.num_buckets$/);
  });

  it("names it once: a field that is written again and again", () => {
    const text = `${base}\n${twenty.map((at) => `model_dir: "${at}"`).join("\n")}`;
    expect(specFromConfig(text).features).toHaveLength(2);
  });
});
