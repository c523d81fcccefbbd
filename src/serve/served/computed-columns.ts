/** Describes computed columns for encoders: derived columns, and domains of text. */
import type { ComputedFeature } from "../../data/index.js";
import { type DerivedColumns, expressionColumn, type ModelSpec } from "../../spec/index.js";

/** The rules of columns that the used features read; a label's rule is not needed. */
export function derivedFor(
  { derived = {}, features }: ModelSpec,
  used: ReadonlySet<string>,
): { readonly derived?: DerivedColumns } {
  const read = new Set(
    features.flatMap((feature) => {
      if (feature.kind === "other" || !used.has(feature.name)) return [];
      const expressions = feature.kind === "combo" ? feature.expressions : [feature.expression];
      const sequence = feature.sequence?.of ?? null;
      const columns = expressions.map(expressionColumn);
      return [feature.name, ...columns.map((column) => (sequence === null ? column : `${sequence}__${column}`))];
    }),
  );
  const needed = Object.entries(derived).filter(([name]) => read.has(name));
  return needed.length === 0 ? {} : { derived: Object.fromEntries(needed) };
}

/** A domain column may hold names: the feature's values are then the names and the numbers of domains. */
export function namedDomains(feature: ComputedFeature, { domains }: ModelSpec): ComputedFeature {
  if (feature.kind !== "id" || feature.encoding.kind !== "buckets" || domains === null) return feature;
  const columns = [feature.name, expressionColumn(feature.expression)];
  if (domains.names === null || !columns.includes(domains.column)) return feature;
  const numbers = Array.from({ length: feature.encoding.count }, (_, row): [string, number] => [String(row), row]);
  const named = domains.names.map((name, row): [string, number] => [name, row]);
  const entries = Object.fromEntries([...named.filter(([name]) => !/^-?\d+$/.test(name)), ...numbers]);
  return { ...feature, encoding: { kind: "vocabDict", entries }, defaultBucket: feature.defaultBucket ?? 0 };
}
