/** Each source file begins with a sentence that says what it is about. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const sources = path.resolve(__dirname, "../../src");

/** The comment at the head of a file, as one line; empty without one. */
function headOf(text: string): string {
  const [, block = "", line = ""] = /^(?:(?:#!|\/\/\/).*\n)*(?:\/\*\*([\s\S]*?)\*\/|\/\/ (.*))/.exec(text) ?? [];
  return `${block}${line}`.replace(/\s*\n\s*\*?\s*/g, " ").trim();
}

it("a head is a comment before anything else, in any of its forms", () => {
  expect(headOf("/** One. */\nimport a;")).toBe("One.");
  expect(headOf("/**\n * One\n * two.\n */\nimport a;")).toBe("One two.");
  expect(headOf("// One.\nimport a;")).toBe("One.");
  expect(headOf("/// <reference types='a' />\n/** One. */")).toBe("One.");
  expect(headOf("import a;\n/** Late. */")).toBe("");
});

it("every source file has a first sentence of its own", () => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const heads = files.map((file) => [file, headOf(readFileSync(path.join(sources, file), "utf8"))] as const);
  expect(heads.filter(([, head]) => !/[.:)](?:\s|$)/.test(head)).map(([file]) => file)).toEqual([]);
  const counts = new Map<string, string[]>();
  for (const [file, head] of heads) counts.set(head, [...(counts.get(head) ?? []), file]);
  expect([...counts.values()].filter((same) => same.length > 1)).toEqual([]);
});
