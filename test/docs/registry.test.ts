/** The tables of losses and metrics in docs/metrics.md are those of the registries; `vitest -u` writes them. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { losses } from "../../src/core/spec/losses.js";
import { metrics } from "../../src/core/spec/metrics.js";

const page = path.resolve(__dirname, "../../docs/metrics.md");

function rows(registry: Readonly<Record<string, { readonly docs: readonly string[] }>>): string {
  return Object.entries(registry)
    .map(([kind, { docs }]) => `| \`${kind}\` | \`${docs[0]}\` | ${docs.slice(1).join(" | ")} |\n`)
    .join("");
}

/** The page with other rows under the heading of a table. */
function withRows(text: string, heading: string, made: string): string {
  const start = text.indexOf(heading);
  expect(start, heading).toBeGreaterThan(0);
  const first = text.indexOf("\n", text.indexOf("\n", start) + 1) + 1;
  const table = /^(?:\|.*\n)*/.exec(text.slice(first))![0];
  return text.slice(0, first) + made + text.slice(first + table.length);
}

it("lists every loss and metric", async () => {
  const refused = "| `recall_at_k` | refused | | TorchEasyRec's PEPNet refuses it too |\n";
  const withMetrics = withRows(readFileSync(page, "utf8"), "| config | here |", rows(metrics) + refused);
  await expect(withRows(withMetrics, "| loss | here |", rows(losses))).toMatchFileSnapshot(page);
});
