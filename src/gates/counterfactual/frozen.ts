import type { EncodedData } from "../../data/encoded/index.js";
import type { GateOverride, GateSite, ReadingEngine } from "../../engine/index.js";
import { DataError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { didYouMean } from "../../util/text/near.js";
import { fieldColumns } from "../fields/fields.js";
import { rowBatches } from "../rows/sample.js";
import type { GateFreeze } from "./interventions.js";
import { domainIndex } from "./swapped.js";

export interface GateMean {
  readonly site: GateSite;
  readonly overall: Float64Array;
  /** By domain, [units]; `null`: no rows. */
  readonly domains: readonly (Float64Array | null)[];
}

/** The overrides for frozen gates. @throws DataError for an unknown gate, field or domain */
export function frozen(spec: ModelSpec, means: readonly GateMean[], freeze: GateFreeze): GateOverride[] {
  const { module, tower, layer } = freeze;
  const gates = means.filter(
    ({ site }) =>
      site.module === module && (tower === null || site.tower === tower) && (layer === null || site.layer === layer),
  );
  if (gates.length === 0) throw noGate(means, freeze);
  return gates.map((mean) => ({
    module,
    tower: mean.site.tower,
    layer: mean.site.layer,
    where: freeze.field === null ? null : unitsOfField(spec, freeze, mean.site.units),
    values: frozenValues(spec, mean, freeze.at),
  }));
}

function frozenValues(spec: ModelSpec, { overall, domains }: GateMean, at: GateFreeze["at"]): GateOverride["values"] {
  if (typeof at === "number") return at;
  if (at === "mean") return overall;
  if (at === "domain mean") {
    if (domains.length === 0) throw new DataError({ path: "freezeGate", message: "the model has no domains" });
    // A domain without rows has no row that would use its mean.
    return domains.map((mean) => mean ?? overall);
  }
  const values = domains[domainIndex(spec, at.domain)];
  if (values == null) {
    const message = `the sampled rows contain no row of domain ${at.domain}`;
    throw new DataError({ path: "freezeGate", message, fix: "sample more rows: { rows: 100_000 }" });
  }
  return values;
}

function unitsOfField(spec: ModelSpec, { module, field }: GateFreeze, units: number): boolean[] {
  const fields = fieldColumns(spec);
  const column = module === "epnet" ? fields.find((column) => column.field === field) : undefined;
  if (column === undefined) {
    const names = module === "epnet" ? fields.map((column) => column.field) : [];
    throw new DataError({
      path: "freezeGate: field",
      message: module === "epnet" ? "the `all` group has no such field" : "PPNet gates hidden units, not fields",
      received: JSON.stringify(field),
      expected: module === "epnet" ? `one of ${names.join(", ")}` : 'freezeGate("epnet", { field })',
      fix: didYouMean(field!, names),
    });
  }
  return Array.from({ length: units }, (_, unit) => unit >= column.start && unit < column.end);
}

function noGate(means: readonly GateMean[], { module, tower, layer }: GateFreeze): DataError {
  const gateNames = means.map(({ site }) =>
    [site.module, site.tower, site.tower && site.layer].filter((part) => part !== null).join(" "),
  );
  return new DataError({
    path: "freezeGate",
    message: "the model has no such gate",
    received: JSON.stringify({ module, tower, layer }),
    expected: gateNames.length === 0 ? "a model with gates" : `one of ${gateNames.join(", ")}`,
  });
}

export async function gateMeans(engine: ReadingEngine, data: EncodedData, signal?: AbortSignal): Promise<GateMean[]> {
  const count = engine.spec.domains?.count ?? 0;
  const sums: { site: GateSite; parts: Float64Array[]; rows: number[] }[] = [];
  for (const rows of rowBatches(data.rows)) {
    signal?.throwIfAborted();
    const gates = await engine.gates({ data, rows });
    gates.forEach(({ values, ...site }, index) => {
      sums[index] ??= {
        site,
        parts: Array.from({ length: count + 1 }, () => new Float64Array(site.units)),
        rows: new Array<number>(count + 1).fill(0),
      };
      const siteSums = sums[index];
      rows.forEach((row, at) => {
        for (const part of count === 0 ? [0] : [0, 1 + (data.domains?.[row] ?? 0)]) {
          siteSums.rows[part] = siteSums.rows[part]! + 1;
          addRow(siteSums.parts[part]!, values, at * site.units);
        }
      });
    });
  }
  return sums.map(({ site, parts, rows }) => {
    const means = parts.map((part, index) => (rows[index] === 0 ? null : part.map((sum) => sum / rows[index]!)));
    return { site, overall: means[0] as Float64Array, domains: means.slice(1) };
  });
}

function addRow(sums: Float64Array, values: Float32Array, start: number): void {
  for (let unit = 0; unit < sums.length; unit++) {
    sums[unit] = sums[unit]! + values[start + unit]!;
  }
}
