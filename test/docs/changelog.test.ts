/** CHANGELOG.md is a list for users: known headings, short entries, and none twice. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const MAX_ENTRY = 260;
const text = readFileSync(path.resolve(__dirname, "..", "..", "CHANGELOG.md"), "utf8");

/** What is wrong with a changelog. A merge of two rewritten lists brings back long and repeated entries. */
function faultsOf(changelog: string): string[] {
  const lines = changelog.split("\n");
  const entries = lines.filter((line) => line.startsWith("- "));
  const headings = lines.filter((line) => line.startsWith("### "));
  return [
    ...headings.filter((line) => !/^### (Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(line)),
    ...entries.filter((line) => line.length > MAX_ENTRY).map((line) => `longer than ${MAX_ENTRY}: ${line}`),
    ...entries.filter((line, index) => entries.indexOf(line) < index).map((line) => `twice: ${line}`),
  ];
}

it("has known headings, short entries, and none twice", () => {
  expect(text).toMatch(/^## Unreleased$/m);
  expect(faultsOf(text)).toEqual([]);
});

it("is refused with another heading, a long entry or a repeated one", () => {
  const long = `- ${"x".repeat(MAX_ENTRY)}`;
  expect(faultsOf(["### News", "- a", "- a", long].join("\n"))).toEqual([
    "### News",
    `longer than ${MAX_ENTRY}: ${long}`,
    "twice: - a",
  ]);
});
