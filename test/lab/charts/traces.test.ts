/** Marks are the only writers of Plotly's traces. */
import ts from "typescript";
import { expect, test } from "vitest";
import { files, roomOf, syntaxOf } from "../../house/sources.js";

const marks = ["bars", "dot-rows", "lines", "mark"].map((name) => `lab/views/${name}.ts`);
const others = files.filter(
  (file) => ["views", "render", "report", "api"].includes(roomOf(file)) && !marks.includes(file),
);
/** Those of Plotly's that a chart could use. */
const traceTypes = new Set(
  "bar box contour heatmap histogram indicator pie sankey scatter scattergl sunburst table treemap violin waterfall".split(
    " ",
  ),
);

test("no other file writes a trace", () => {
  expect(others.length).toBeGreaterThan(90);
  expect(others.flatMap(tracesIn)).toEqual([]);
  // The rule finds what it forbids.
  expect(marks.flatMap(tracesIn)).not.toEqual([]);
});

/** Object literals that say what a trace is: its `type` or its `mode`. */
function tracesIn(file: string): string[] {
  const tree = syntaxOf(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)) {
      const [name, value] = [node.name.getText(tree), node.initializer.text];
      if (name === "type" && traceTypes.has(value)) found.push(`${file}: type ${value}`);
      if (name === "mode" && /^(lines|markers|text)(\+|$)/.test(value)) found.push(`${file}: mode ${value}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
