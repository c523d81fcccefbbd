/** The numbers of a gates report as tables, one a question. */
import type { GatesReport } from "../../gates/types.js";
import { siteName } from "../../spec/index.js";
import { gateRecords } from "./frames.js";
import { type TableOutput, type TableRows, table } from "./table.js";

/** A table of gates by name. */
export type GateTableName =
  | "statistics"
  | "fields"
  | "explained"
  | "distances"
  | "cold"
  | "embeddings"
  | "gradients"
  | "paths"
  | "gaps";

/** A report's table. */
export function gateTable(report: GatesReport, name: GateTableName): TableOutput {
  const { caption, rows } = tables[name];
  const made = rows(report);
  // Norms of gradients are small.
  return table(
    made,
    made.length === 0 ? `${caption}: nothing` : caption,
    name === "gradients" || name === "paths" ? 6 : 4,
  );
}

const tables: Readonly<
  Record<GateTableName, { readonly caption: string; readonly rows: (of: GatesReport) => TableRows }>
> = {
  statistics: { caption: "Gates by domain", rows: gateRecords },
  fields: {
    caption: "Mean EPNet gate by field and domain: 1 leaves a field as it is",
    rows: ({ fields, domainNames }) =>
      fields.map(({ field, means }) => ({
        field,
        ...named(domainNames, (domain) => means[domain] ?? null, "all rows"),
      })),
  },
  explained: {
    caption: "How much of a gate's variance each id explains; adjusted: beyond what so many groups explain by chance",
    rows: ({ gates }) =>
      gates.flatMap((gate) =>
        gate.explained.map(({ prior, groups, etaSquared, adjusted }) => {
          return { gate: siteName(gate), by: prior, groups, "η²": etaSquared, adjusted };
        }),
      ),
  },
  distances: {
    caption: "How far apart the domains' gates stand",
    rows: ({ gates, domainNames }) =>
      gates.flatMap((gate) =>
        pairs(domainNames.length).map(([a, b]) => ({
          gate: siteName(gate),
          domain: domainNames[a] as string,
          other: domainNames[b] as string,
          cosine: gate.distances?.cosine[a]?.[b] ?? null,
          "Jensen–Shannon": gate.distances?.jensenShannon[a]?.[b] ?? null,
          "difference of means (rms)": gate.distances?.meanDistance[a]?.[b] ?? null,
        })),
      ),
  },
  cold: {
    caption: "Gates of rows whose id training saw rarely, against the others",
    rows: ({ cold }) =>
      cold.map(({ field, fewerThan, coldRows, warmRows, coldMean, warmMean, coldStd, warmStd, ...site }) => ({
        gate: siteName(site),
        field,
        "cold: training rows": `fewer than ${fewerThan}`,
        "cold rows": coldRows,
        "warm rows": warmRows,
        "cold mean": coldMean,
        "warm mean": warmMean,
        "cold std": coldStd,
        "warm std": warmStd,
      })),
  },
  embeddings: {
    caption: "Embeddings before and after EPNet: how far apart the domains lie (1 far apart, 0 on top of each other)",
    rows: ({ embeddings, domainNames }) =>
      (["before", "after"] as const).flatMap((which) => {
        const shown = embeddings?.[which];
        if (shown == null) return [];
        const [first, second] = shown.explained;
        return {
          embeddings: `${which} EPNet`,
          "variance along 1": first,
          "variance along 2": second,
          silhouette: shown.silhouette,
          ...named(domainNames, (domain) => shown.silhouettes[domain] ?? null),
        };
      }),
  },
  gradients: {
    caption: "Gradients of the loss: gates against what they gate",
    rows: ({ gradients }) =>
      (gradients?.parts ?? []).map(({ module, kind, tower, layer, size, norm }) => ({
        module,
        part: kind,
        task: tower ?? "all",
        layer: layer === null ? null : layer + 1,
        numbers: size,
        norm,
        "root mean square": norm / Math.sqrt(size),
      })),
  },
  paths: {
    caption: "What flows back through the gates: exactly 0 where the model stops it",
    rows: ({ gradients }) =>
      (gradients?.paths ?? []).map(({ module, input, stopped, norm }) => {
        return {
          module,
          into: input === "main" ? "embeddings" : "the prior's embeddings",
          stopped,
          norm,
          "exactly 0": norm === 0,
        };
      }),
  },
  gaps: { caption: "What is missing here", rows: ({ gaps }) => gaps.map(({ what, reason }) => ({ what, reason })) },
};

/** A column a domain; of a model without domains one of that name, where there is one. */
function named<Value>(names: readonly string[], of: (domain: number) => Value, alone?: string): Record<string, Value> {
  const columns = names.length === 0 && alone !== undefined ? [alone] : names;
  return Object.fromEntries(columns.map((name, domain) => [name, of(domain)]));
}

function pairs(count: number): [number, number][] {
  const all = Array.from({ length: count }, (_, at) => at);
  return all.flatMap((a) => all.slice(a + 1).map((b): [number, number] => [a, b]));
}
