/** Embeddings before and after EPNet: variance explained by two directions, and separation of the domains. */
import type { EmbeddingProjection, GatesReport } from "../../gates/index.js";
import { count } from "../../util/text/format.js";
import { groupNames } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row {
  readonly name: string;
  readonly value: (projection: EmbeddingProjection) => number | null | undefined;
}

/** One row per number, before and after EPNet. */
export function embeddingsSheet(report: GatesReport): Sheet {
  const { embeddings } = report;
  const { before = null, after = null } = embeddings ?? {};
  const domains = embeddings?.domains == null ? [] : groupNames(report);
  const rows: readonly Row[] = [
    { name: "variance of the first direction", value: ({ explained }) => explained[0] },
    { name: "variance of the second direction", value: ({ explained }) => explained[1] },
    { name: "silhouette of the domains", value: ({ silhouette }) => silhouette },
    ...domains.map(
      (name, domain): Row => ({ name: `silhouette of ${name}`, value: ({ silhouettes }) => silhouettes[domain] }),
    ),
  ];
  return makeSheet<Row>(
    `Embeddings around EPNet on ${count(embeddings?.rows ?? 0, "row")}`,
    [
      { key: "number", heading: "number", kind: "text", value: ({ name }) => name },
      {
        key: "before",
        heading: "before EPNet",
        kind: "number",
        digits: 4,
        value: ({ value }) => (before === null ? null : value(before)),
      },
      {
        key: "after",
        heading: "after EPNet",
        kind: "number",
        digits: 4,
        value: ({ value }) => (after === null ? null : value(after)),
      },
    ],
    embeddings === null ? [] : rows,
  );
}
