/** The tables of losses and metrics in docs/metrics.md are those of the registries; `vitest -u` writes them. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { losses } from "../../src/core/spec/losses.js";
import { metrics } from "../../src/core/spec/metrics.js";
import { tableRow, withRows } from "./tables.js";

const page = path.resolve(__dirname, "../../docs/metrics.md");

function rows(registry: Readonly<Record<string, { readonly docs: readonly string[] }>>): string[] {
  return Object.entries(registry).map(([kind, { docs }]) =>
    tableRow(`\`${kind}\``, `\`${docs[0]}\``, ...docs.slice(1)),
  );
}

it("lists every loss and metric", async () => {
  const refused = "| `recall_at_k` | refused | | TorchEasyRec's PEPNet refuses it too |";
  const withMetrics = withRows(readFileSync(page, "utf8"), "| config | here |", [...rows(metrics), refused]);
  await expect(withRows(withMetrics, "| loss | here |", rows(losses))).toMatchFileSnapshot(page);
});
