/** How the charts are built: folders by subject, marks as the only writers of traces. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const source = path.resolve(__dirname, "../../src");
const folders = ["views", ...readdirSync(path.join(source, "views")).map((entry) => path.join("views", entry))].filter(
  (entry) => statSync(path.join(source, entry)).isDirectory(),
);

describe("folders", () => {
  test.each(folders)("%s has at least five files, and no folder below it but those of views", (folder) => {
    const entries = readdirSync(path.join(source, folder));
    expect(entries.filter((entry) => entry.endsWith(".ts")).length).toBeGreaterThanOrEqual(5);
    expect(folder === "views" || entries.every((entry) => entry.endsWith(".ts"))).toBe(true);
  });
});

describe("files", () => {
  const graph = new Map(filesOf("views").map((file) => [file, importsIn(file)]));

  test("import each other without a circle, types included", () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      if (trail.includes(file) || done.has(file)) return;
      for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe("marks", () => {
  const marks = ["bars", "dot-rows", "lines", "mark"].map((name) => path.join("views", `${name}.ts`));
  const others = [...filesOf("views"), ...filesOf("render"), ...filesOf("report"), ...filesOf("api")].filter(
    (file) => !marks.includes(file),
  );

  test("alone write Plotly's traces", () => {
    expect(others.length).toBeGreaterThan(90);
    expect(others.flatMap(tracesIn)).toEqual([]);
    // The rule finds what it forbids.
    expect(marks.flatMap(tracesIn)).not.toEqual([]);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(path.join(source, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(folder, file));
}

/** Files that a file imports, of types too, relative to src. */
function importsIn(file: string): string[] {
  const text = readFileSync(path.join(source, file), "utf8");
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((target) => target.startsWith("."))
    .map((target) => path.join(path.dirname(file), target).replace(/\.js$/, ".ts"));
}

/** Object literals that say what a trace is: its `type` or its `mode`, or a call of the function that makes traces. */
function tracesIn(file: string): string[] {
  const text = readFileSync(path.join(source, file), "utf8");
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)) {
      const [name, value] = [node.name.getText(tree), node.initializer.text];
      if (name === "type" && traceTypes.has(value)) found.push(`${file}: type ${value}`);
      if (name === "mode" && /^(lines|markers|text)(\+|$)/.test(value)) found.push(`${file}: mode ${value}`);
    }
    ts.forEachChild(node, visit);
  };
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  visit(tree);
  return found;
}

/** Those of Plotly's that a chart could use. */
const traceTypes = new Set(
  "bar box contour heatmap histogram indicator pie sankey scatter scattergl sunburst table treemap violin waterfall".split(
    " ",
  ),
);
