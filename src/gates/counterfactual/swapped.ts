import type { EncodedData } from "../../data/encoded/index.js";
import { DataError } from "../../errors/index.js";
import { domainName, expressionColumn, groupFeatures, type ModelSpec } from "../../spec/index.js";
import { rowsByDomain } from "../../train/measure/index.js";
import { random } from "../../util/random.js";
import { didYouMean } from "../../util/text/near.js";
import { takeEncoded } from "../rows/take-encoded.js";
import type { DomainSwap } from "./interventions.js";

/** The sampled rows in another domain. @throws DataError for a domain that is unknown or has no rows */
export function swapped(spec: ModelSpec, data: EncodedData, seed: number, { to, towers }: DomainSwap): EncodedData {
  const domains = data.domains;
  const count = spec.domains?.count ?? 0;
  const target = to === null ? null : domainIndex(spec, to);
  if (domains === null || count === 0) {
    throw new DataError({
      path: "swapDomain",
      message: "the model has no domains",
      fix: "add .domains(column, names)",
    });
  }
  const rowsOf = rowsByDomain(data, null, count);
  const present = rowsOf.flatMap((rows, domain) => (rows.length > 0 ? [domain] : []));
  if (target !== null && !present.includes(target)) {
    const fix = "sample more rows: { rows: 100_000 }";
    throw new DataError({ path: "swapDomain", message: `the sampled rows contain no row of domain ${to}`, fix });
  }
  const source = random(seed).fork("swap");
  const donors = Int32Array.from(domains, (from, row) => {
    const others = target === null ? present.filter((domain) => domain !== from) : [target];
    if (others.length === 0 || target === from) return row;
    const donorsThere = rowsOf[others[source.integer(others.length)]!]!;
    return donorsThere[source.integer(donorsThere.length)]!;
  });
  const names = domainFeatures(spec);
  const features = new Map([...data.features].filter(([name]) => names.has(name)));
  const moved = takeEncoded({ ...data, features, labels: new Map(), sampleWeights: new Map() }, donors);
  return {
    ...data,
    features: new Map([...data.features, ...moved.features]),
    domains: towers ? moved.domains : domains,
  };
}

export function domainFeatures(spec: ModelSpec): Set<string> {
  const readers = spec.features.filter(
    (feature) => "expression" in feature && expressionColumn(feature.expression) === spec.domains?.column,
  );
  return new Set([...(groupFeatures(spec, "domain") ?? []), ...readers.map((feature) => feature.name)]);
}

export function domainIndex(spec: ModelSpec, domain: string | number): number {
  const names = Array.from({ length: spec.domains?.count ?? 0 }, (_, index) => domainName(spec, index));
  const index = typeof domain === "number" ? domain : names.indexOf(domain);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  throw new DataError({
    path: "counterfactual",
    message: "no such domain",
    received: JSON.stringify(domain),
    expected:
      names.length === 0 ? "a model with domains" : `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`,
    fix: didYouMean(String(domain), names),
  });
}
