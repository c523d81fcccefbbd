/** What the diagram of a model says; how it looks is held by its goldens. */

import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { AnyModel } from "../../../src/api/model/types.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { layer } from "../../../src/core/nn/custom-layer.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { modelStructure } from "../../../src/core/nn/plan/structure.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { modelDiagramChart } from "../../../src/lab/views/diagram.js";
import type { Chart } from "../../../src/lab/views/view.js";
import { wholeTitle } from "../../whole-title.js";
import { modelOf, models, switched, withoutGroup } from "./models.js";

const scenes = ["feed", "search", "live"];
const example = modelOf({ domains: scenes });
const diagram = (spec: ModelSpec): Chart => modelDiagramChart(modelStructure(spec));
const named = (name: string): Chart => diagram((models[name] as () => ModelSpec)());

/** All that is written in the figure. */
function written({ figure }: Chart): string[] {
  return figure.data.filter((trace) => trace["mode"] === "text").flatMap((trace) => trace["text"] as string[]);
}

/** What hovering over the block tells whose first line this is. */
function hover({ figure }: Chart, start: string): string[] {
  const all = figure.data.map((trace) => String(trace["text"] ?? ""));
  return (all.find((text) => text.startsWith(start)) ?? "").split("<br>");
}

describe("the title", () => {
  test("has domains, tasks, parameters, and how many of them are in tables", () => {
    expect(wholeTitle(example.diagram())).toBe("PEPNet: 3 domains × 2 tasks; 2.0 M parameters, 97% in tables");
    const { embeddingParameters, denseParameters } = modelSize(example.spec);
    expect(embeddingParameters / (embeddingParameters + denseParameters)).toBeCloseTo(0.97, 2);
  });

  test("says what is switched off, or not there", () => {
    expect(named("epnet-off").title).toMatch(/^PPNet without EPNet: 3 domains × 2 tasks/);
    expect(named("ppnet-off").title).toMatch(/^EPNet without PPNet's gates: 3 domains × 2 tasks, towers shared/);
    expect(named("no-groups").title).toMatch(/^No gates: 1 task$/);
  });

  test("names tables whose size is not known, and gives no share then", () => {
    const listed = example.features(idFeature("word").vocabFile("words.txt").embedding(4));
    expect(wholeTitle(listed.diagram())).toMatch(/parameters and 1 table of a file's size$/);
    expect(listed.diagram().toChart().table.rows.at(-1)).toEqual(["total", null, null, null, null]);
  });
});

describe("the blocks", () => {
  test("of two hundred features some are named, the rest counted; hovering names more", () => {
    expect(written(named("200-features"))).toContain("all: 200 features");
    expect(written(named("200-features"))).toContain("… 197 more");
    expect(hover(named("200-features"), "group all")).toHaveLength(14);
    expect(hover(named("200-features"), "group all").at(-1)).toBe("… 188 more");
  });

  test("of six tasks two have a column, the others are named", () => {
    const words = written(named("six-tasks"));
    expect(words).toEqual(expect.arrayContaining(["clk: 3 towers", "buy: 3 towers", "… 4 more tasks", "follow"]));
    expect(words).toContain("… 2 more layers, in the table");
  });

  test("domains have a cell each while their names fit, else they are counted", () => {
    expect(written(example.diagram().toChart()).filter((word) => word === "live")).toHaveLength(2);
    const many = modelOf({ domains: Array.from({ length: 50 }, (_, d) => `country ${d}`) })
      .diagram()
      .toChart();
    expect(written(many)).toContain("logits in 50 domains");
    expect(hover(many, "logits of ctr").at(-1)).toBe("country 0 … country 49");
    const alike = ["search results of tab 2, all markets", "search results of tab 3, all markets"];
    const cells = written(
      modelOf({ domains: alike, tasks: ["a", "b", "c"] })
        .diagram()
        .toChart(),
    );
    expect(cells.filter((word) => /…[23]…/.test(word))).toHaveLength(6);
    const { spec } = example;
    const unnamed = diagram({ ...spec, domains: { column: "scene", count: 3, names: null } });
    expect(written(unnamed).filter((word) => /^[012]$/.test(word))).toEqual(["0", "1", "2", "0", "1", "2"]);
    expect(hover(unnamed, "logits of cvr in scene=2")).toEqual([
      "logits of cvr in scene=2",
      "[rows of that domain, 1]",
    ]);
  });

  test("hovering over a gate gives its shapes, and where the gradient stops", () => {
    expect(hover(example.diagram().toChart(), "EPNet's Gate NU")).toEqual([
      "EPNet's Gate NU",
      "input [rows, 81]: domain 8, all 73 (gradient stopped)",
      "first layer: 81 → 73, ReLU",
      "second layer: 73 → 73",
      "output [rows, 73], between 0 and 2",
      "11,388 parameters",
    ]);
    expect(hover(named("gradients-flow"), "EPNet's Gate NU")[1]).toBe(
      "input [rows, 81]: domain 8 (gradient stopped), all 73",
    );
    expect(hover(named("paper-placement"), "PPNet's Gate NU of layer 1")).toEqual(
      expect.arrayContaining(["second layer: 73 → 146", "output [rows, 146], 73 for each of 2 tasks, between 0 and 2"]),
    );
  });

  test("an arrow into a product ends at its circle, however wide the page", () => {
    const markers = example.diagram().figure.data.map((trace) => (trace["marker"] ?? {}) as Record<string, number[]>);
    const { standoff = [], angle = [] } = markers.find((marker) => marker["standoff"] !== undefined) ?? {};
    expect(standoff.filter((pixels) => pixels > 0)).toHaveLength(6);
    expect(new Set(angle)).toEqual(new Set([180, -90, 90]));
  });

  test("gates are multiplied behind their layer, in the paper's placement in front of it", () => {
    const products = ({ figure }: Chart): string[] =>
      figure.data.flatMap((trace) => (trace["customdata"] as string[] | undefined) ?? []);
    expect(products(example.diagram().toChart())[1]).toMatch(/^gate × output of layer 1.*\[rows, 64\]$/);
    expect(products(named("paper-placement"))[1]).toMatch(/^gate × input of layer 1.*\[rows, 73\]$/);
    expect(products(named("no-groups"))).toEqual([]);
  });

  test("what is off is there, and says so", () => {
    expect(written(named("epnet-off"))).toEqual(expect.arrayContaining(["EPNet: off", "not read: gates are off"]));
    expect(written(named("ppnet-off"))).toContain("gates: off");
    expect(written(example.diagram().toChart()).join()).not.toContain("off");
  });

  test("the task space has its weights", () => {
    expect(written(example.diagram().toChart())).toEqual(
      expect.arrayContaining(["ctr_label &gt; 0", "× 1", "other rows", "× 0"]),
    );
  });

  test("lines are dashed where the gradient stops, and the key says what that means", () => {
    const dashed = ({ figure }: Chart): number =>
      figure.data.filter((trace) => (trace["line"] as { dash?: string } | undefined)?.dash === "4px,3px").length;
    expect(dashed(example.diagram().toChart())).toBe(4);
    expect(written(example.diagram().toChart()).at(-1)).toBe("values only: the gradient is stopped");
    expect(dashed(diagram(switched(example, { stopGradient: false })))).toBe(0);
    expect(written(diagram(switched(example, { stopGradient: false }))).at(-1)).toBe("values, and gradients back");
  });
});

describe("the table", () => {
  test.each(Object.entries(models))("has every block and adds up: %s", (_, make) => {
    const { rows } = diagram(make()).table;
    const parameters = rows.map((row) => row[4] as number);
    const { embeddingParameters, denseParameters } = modelSize(make());
    expect(parameters.at(-1)).toBe(embeddingParameters + denseParameters);
    expect(parameters.slice(0, -1).reduce((total, value) => total + value, 0)).toBe(parameters.at(-1));
  });

  test("has the layers and tasks that are not drawn", () => {
    const blocks = named("six-tasks").table.rows.map((row) => row[0]);
    expect(blocks).toEqual(expect.arrayContaining(["ppnet layer 7 gate", "tower follow"]));
  });
});

test("names with HTML are text, of features, groups' columns, labels, tasks, domains and layers", () => {
  const hostile = "<b>x</b>&%{x}";
  const model = modelOf({ domains: [hostile, "plain"], fields: [], tasks: ["ctr", "cvr"] }) as AnyModel;
  const named = model.layer(layer(hostile, { apply: (x) => x })).spec;
  const spec: ModelSpec = {
    ...named,
    features: named.features.map((feature) => (feature.name === "price" ? { ...feature, name: hostile } : feature)),
    domains: { column: hostile, count: 2, names: [hostile, "plain"] },
    towers: named.towers.map((tower) => ({ ...tower, name: hostile, label: hostile })),
  };
  const text = JSON.stringify(diagram(spec).figure);
  expect(text).toContain("&lt;b&gt;");
  expect(text).not.toMatch(/<b>/);
  expect(text).not.toContain("&%{x}");
});

test("a model without a group is drawn without what it feeds", () => {
  const words = written(diagram(withoutGroup(example.spec, "uia")));
  expect(words.join()).not.toMatch(/uia|PPNet/);
  expect(words).toContain("EPNet: Gate NU");
});

test("drawing a model loads no engine", () => {
  const code = `require(${JSON.stringify(path.resolve(__dirname, "../../../dist/api/model/model.js"))}).pepnet().diagram();
    console.log(Object.keys(require.cache).filter((file) => /tensorflow|onnxruntime|duckdb|plotly/.test(file)).length)`;
  expect(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }).trim()).toBe("0");
});
