/** Measured values reach a text through `util/measured.ts`, which marks them for `notebook verify`. */
import ts from "typescript";
import { expect, it } from "vitest";
import { files, lineOf, syntaxOf } from "./sources.js";

/** Functions that format a measured value. */
const formatters = new Set(["measured", "duration", "rowRate", "memorySize", "machineCount"]);

/** Files that show measured values where no notebook does, or that state a limit instead of a measurement. */
const exceptions: Readonly<Record<string, string>> = {
  "api/report-facts.ts": "the machine, on a page",
  "api/training/fit.ts": "lines on standard error, outside of notebooks",
  "kernel/cli/doctor.ts": "the command line",
  "kernel/cli/log.ts": "the command line",
  "kernel/cli/notebook.ts": "the command line",
  "core/data/sources/csv/dialect.ts": "a limit, in an error",
  "kernel/client.ts": "a limit, in an error",
  "kernel/notebook/compare.ts": "the pattern by which measured values are found",
  "kernel/notebook/execute.ts": "the caller's limit",
  "lab/report/summary.ts": "a page",
  "core/train/saved/lock.ts": "an error that depends on another process",
  "core/util/measured.ts": "the formatters themselves",
};

it("no other text holds a measured value without its mark", () => {
  const found = files.flatMap((file) => unmarked(syntaxOf(file)).map((line) => `src/${file}:${line}`));
  expect(found.filter((place) => !(place.slice(4, place.indexOf(":")) in exceptions))).toEqual([]);
  const withFindings = new Set(found.map((place) => place.slice(4, place.indexOf(":"))));
  expect([...withFindings].sort()).toEqual(Object.keys(exceptions).sort());
});

it("the search finds units that are written by hand, texts without marks, and texts that lose them", () => {
  const bad = [
    `\`in \${seconds.toFixed(1)} s\``,
    `\`\${rate} rows/s\``,
    `\`needs \${x} GB of \${y}\``,
    `\`took \${duration(seconds)}\``,
    "'took ' + rowRate(rate)",
    "duration(seconds).text",
    "const { text } = duration(seconds);",
    `other\`took \${duration(seconds)}\``,
  ];
  for (const code of bad) expect(unmarked(parse(code)), code).toHaveLength(1);
  const good = [
    `marked\`took \${duration(seconds)}\``,
    "const time = duration(seconds);",
    `\`\${n} rows, \${n} shops\``,
  ];
  for (const code of good) expect(unmarked(parse(code)), code).toEqual([]);
});

/** The lines of a file with such a text. */
function unmarked(syntax: ts.SourceFile): number[] {
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (isHandWritten(node) || losesMark(node)) lines.push(lineOf(syntax, node.getStart(syntax)));
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return lines;
}

const unit = /^ (?:ms|s|sec|seconds?|min|minutes?|h|hours?|rows\/s|[kMGT]B)\b/;

function isHandWritten(node: ts.Node): boolean {
  return ts.isTemplateSpan(node) && unit.test(node.literal.text);
}

/** Whether a formatted value becomes part of a plain text. */
function losesMark(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || !formatters.has(node.expression.text))
    return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name.text === "text";
  if (ts.isVariableDeclaration(parent)) return ts.isObjectBindingPattern(parent.name);
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.PlusToken;
  if (!ts.isTemplateSpan(parent)) return false;
  const user = parent.parent.parent;
  return !ts.isTaggedTemplateExpression(user) || user.tag.getText() !== "marked";
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("code.ts", code, ts.ScriptTarget.ES2022, true);
}
