/** Gradients of the loss: of the parts of a model, and along the paths into its gates. */
import type { GatesReport } from "../../gates/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per gate, tower and group of embeddings. Norms are small, so they have six digits. */
export function gradientsSheet({ gradients }: GatesReport): Sheet {
  return makeSheet(
    "Gradients of the loss: gates against what they gate",
    [
      { key: "module", heading: "module", kind: "text", value: ({ module }) => module },
      { key: "part", heading: "part", kind: "text", value: ({ kind }) => kind },
      { key: "task", heading: "task", kind: "text", value: ({ tower }) => tower ?? "all" },
      { key: "layer", heading: "layer", kind: "count", value: ({ layer }) => (layer === null ? null : layer + 1) },
      { key: "numbers", heading: "numbers", kind: "count", value: ({ size }) => size },
      { key: "norm", heading: "norm", kind: "number", digits: 6, value: ({ norm }) => norm },
      {
        key: "root_mean_square",
        heading: "root mean square",
        kind: "number",
        digits: 6,
        value: ({ norm, size }) => norm / Math.sqrt(size),
      },
    ],
    gradients?.parts ?? [],
  );
}

/** One row per module and input. */
export function gradientPathsSheet({ gradients }: GatesReport): Sheet {
  return makeSheet(
    "Gradients that flow back through the gates: exactly 0 where the model stops them",
    [
      { key: "module", heading: "module", kind: "text", value: ({ module }) => module },
      {
        key: "into",
        heading: "into",
        kind: "text",
        value: ({ input }) => (input === "main" ? "embeddings" : "the prior's embeddings"),
      },
      { key: "stopped", heading: "stopped", kind: "flag", value: ({ stopped }) => stopped },
      { key: "norm", heading: "norm", kind: "number", digits: 6, value: ({ norm }) => norm },
      { key: "exactly_zero", heading: "exactly 0", kind: "flag", value: ({ norm }) => norm === 0 },
    ],
    gradients?.paths ?? [],
  );
}
