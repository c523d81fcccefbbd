import type { Work } from "../../util/turns.js";

/** Silhouettes: 1 far apart, 0 on top of each other, below 0 nearer to another domain. */
export interface Silhouettes {
  /** Mean over the rows; `null` with fewer than two domains of two rows. */
  readonly overall: number | null;
  /** Mean over each domain's rows; `null` with fewer than two rows. */
  readonly domains: readonly (number | null)[];
}

/**
 * (b − a) / max(a, b) of each row: a is its mean distance to the other rows of its domain, b that to the rows of the
 * nearest other domain. Domains with one row are excluded. Yields between rows.
 * @param values [rows, dim], all finite
 * @param domains [rows]
 */
export function* silhouettes(
  values: Float32Array,
  dim: number,
  domains: Int32Array,
  domainCount: number,
): Work<Silhouettes> {
  const rowsOf = new Float64Array(domainCount);
  for (const domain of domains) rowsOf[domain] = rowsOf[domain]! + 1;
  const counted = Array.from({ length: domainCount }, (_, domain) => domain).filter(
    (domain) => (rowsOf[domain] ?? 0) > 1,
  );
  const sums = new Float64Array(domainCount);
  if (counted.length > 1) {
    for (let row = 0; row < domains.length; row++) {
      const rowDomain = domains[row]!;
      if (!counted.includes(rowDomain)) continue;
      const distances = distancesTo(values, dim, domains, domainCount, row);
      const near = distances[rowDomain]! / (rowsOf[rowDomain]! - 1);
      const others = counted.filter((domain) => domain !== rowDomain);
      const far = Math.min(...others.map((domain) => distances[domain]! / rowsOf[domain]!));
      const larger = Math.max(near, far);
      sums[rowDomain] = sums[rowDomain]! + (larger > 0 ? (far - near) / larger : 0);
      yield;
    }
  }
  const total = counted.reduce((rows, domain) => rows + rowsOf[domain]!, 0);
  const apart = counted.length > 1;
  return {
    overall: apart ? sums.reduce((all, sum) => all + sum, 0) / total : null,
    domains: Array.from(sums, (sum, domain) => (apart && counted.includes(domain) ? sum / rowsOf[domain]! : null)),
  };
}

function distancesTo(
  values: Float32Array,
  dim: number,
  domains: Int32Array,
  domainCount: number,
  row: number,
): Float64Array {
  const sums = new Float64Array(domainCount);
  for (let other = 0; other < domains.length; other++) {
    let squares = 0;
    for (let at = 0; at < dim; at++) {
      squares += (values[row * dim + at]! - values[other * dim + at]!) ** 2;
    }
    const domain = domains[other]!;
    sums[domain] = sums[domain]! + Math.sqrt(squares);
  }
  return sums;
}
