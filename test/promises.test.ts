/** docs/promises.md names tests that are there. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(__dirname, "..");

it("each guarantee names a test that is there", () => {
  const rows = readFileSync(path.join(root, "docs/promises.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| [^*|-]/.test(line) && !line.startsWith("| guarantee"));
  expect(rows.length).toBeGreaterThan(25);
  for (const row of rows) {
    const files = [...row.matchAll(/`(test\/[^`]+\.ts)`/g)].map(([, file]) => file as string);
    expect(files.length, row).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(path.join(root, file)), file).toBe(true);
  }
});
