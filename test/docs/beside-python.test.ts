/** The table of docs/beside-python.md counts the characters of the cells below it; `vitest -u` writes it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { tableRow, withRows } from "./tables.js";

const page = path.resolve(__dirname, "../../docs/beside-python.md");
const text = readFileSync(page, "utf8");

/** The last block of a language in a section: blocks before it prepare. */
function lastBlock(section: string, language: string): string {
  const blocks = [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\`$`, "gm"))];
  return blocks.at(-1)?.[1] ?? "";
}

const tasks = text
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [python, typescript] = [lastBlock(section, "python"), lastBlock(section, "ts")];
    return { name: section.split("\n")[0]!, python: [...python].length, typescript: [...typescript].length };
  });

function ahead(python: number, typescript: number): string {
  if (Math.abs(python - typescript) * 10 <= Math.min(python, typescript)) return "level";
  return typescript < python ? "TypeScript" : "Python";
}

it("lists fifteen tasks with the characters of both cells", async () => {
  expect(tasks).toHaveLength(15);
  for (const { name, python, typescript } of tasks) expect(Math.min(python, typescript), name).toBeGreaterThan(0);
  const rows = tasks.map(({ name, python, typescript }) =>
    tableRow(name, String(python), String(typescript), ahead(python, typescript)),
  );
  const sum = (of: "python" | "typescript") => String(tasks.reduce((total, task) => total + task[of], 0));
  const wins = tasks.map(({ python, typescript }) => ahead(python, typescript));
  const times = (word: string) => wins.filter((each) => each === word).length;
  const verdict = `TypeScript in ${times("TypeScript")}, level in ${times("level")}, Python in ${times("Python")}`;
  const all = tableRow("**together**", sum("python"), sum("typescript"), verdict);
  await expect(withRows(text, "| task | Python |", [...rows, all])).toMatchFileSnapshot(page);
});
