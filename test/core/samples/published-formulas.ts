/**
 * Three data sets with published formulas, so that anybody can make them again. Each is `rows` rows of columns by name,
 * with a label `y` of 0 and 1.
 */
import { type Random, random } from "../../../src/core/util/random.js";

export type FormulaRow = Readonly<Record<string, number>>;

/**
 * Friedman (1991), "Multivariate adaptive regression splines", section 4.3: ten uniform numbers, of which five count:
 * 10 sin(π x1 x2) + 20 (x3 − ½)² + 10 x4 + 5 x5 + a standard normal. `y`: above 14.4, its mean.
 */
export function friedman(rows: number, seed = 1): FormulaRow[] {
  const source = random(seed);
  return Array.from({ length: rows }, () => {
    const x = Array.from({ length: 10 }, () => source.uniform());
    const [a, b, c, d, e] = x as [number, number, number, number, number];
    const value = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + source.normal();
    return { ...numbered("x", x), y: value > 14.4 ? 1 : 0 };
  });
}

/**
 * Guyon (2003), "Design of experiments of the NIPS 2003 variable selection benchmark", the formula of scikit-learn's
 * `make_classification`: per class four clusters at corners of a cube, each with its random linear map; of 20 columns
 * six inform, four are linear mixtures of these, ten are noise; 2% of the labels are flipped.
 */
export function clusters(rows: number, seed = 1): FormulaRow[] {
  const [informative, mixtures, noise, perClass, separation] = [6, 4, 10, 4, 1];
  const source = random(seed);
  const matrix = (height: number, width: number): number[][] =>
    Array.from({ length: height }, () => Array.from({ length: width }, () => 2 * source.uniform() - 1));
  const corners = distinctCorners(2 * perClass, informative, source);
  const maps = corners.map(() => matrix(informative, informative));
  const mix = matrix(mixtures, informative);
  return Array.from({ length: rows }, () => {
    const cluster = source.integer(corners.length);
    const drawn = Array.from({ length: informative }, () => source.normal());
    const inside = times(maps[cluster]!, drawn).map((value, at) => value + corners[cluster]![at]! * separation);
    const others = Array.from({ length: noise }, () => source.normal());
    const y = source.uniform() < 0.02 ? source.integer(2) : cluster % 2;
    return { ...numbered("x", [...inside, ...times(mix, inside), ...others]), y };
  });
}

/**
 * A log of clicks whose columns are whole numbers that name things, as in TalkingData and Avazu. Values are drawn by
 * Zipf's law and numbered at random. The log odds are those of Rendle (2010), "Factorization machines": a bias, a
 * weight per value, and for every pair of columns the product of two vectors of four numbers.
 */
export function codes(rows: number, seed = 1): FormulaRow[] {
  const source = random(seed);
  const columns = Object.entries({ ip: 4000, app: 200, device: 60, os: 120, channel: 150, c14: 600, hour: 24 }).map(
    ([name, count]) => codeColumn(name, count, source),
  );
  return Array.from({ length: rows }, () => {
    const values = columns.map(({ draw }) => draw());
    let odds = -2.2;
    const sum = [0, 0, 0, 0];
    for (const [at, value] of values.entries()) {
      odds += columns[at]!.weights[value]!;
      const vector = columns[at]!.vectors[value]!;
      for (const [k, each] of vector.entries()) {
        odds -= each ** 2 / 2;
        sum[k]! += each;
      }
    }
    for (const each of sum) odds += each ** 2 / 2;
    const named = Object.fromEntries(columns.map(({ name, labels }, at) => [name, labels[values[at]!]!]));
    return { ...named, y: source.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0 };
  });
}

function codeColumn(name: string, count: number, source: Random) {
  const weights = Array.from({ length: count }, () => 0.6 * source.normal());
  const vectors = Array.from({ length: count }, () => Array.from({ length: 4 }, () => 0.25 * source.normal()));
  const ends: number[] = [];
  for (let at = 0; at < count; at++) ends.push((ends.at(-1) ?? 0) + 1 / (at + 1));
  const labels = shuffled(
    Array.from({ length: count }, (_, at) => at),
    source,
  );
  const draw = (): number => {
    const at = source.uniform() * ends.at(-1)!;
    return ends.findIndex((end) => at < end);
  };
  return { name, weights, vectors, labels, draw };
}

function shuffled(values: number[], source: Random): number[] {
  for (let at = values.length - 1; at > 0; at--) {
    const other = source.integer(at + 1);
    [values[at], values[other]] = [values[other]!, values[at]!];
  }
  return values;
}

function distinctCorners(count: number, dims: number, source: Random): number[][] {
  const chosen = shuffled(
    Array.from({ length: 2 ** dims }, (_, at) => at),
    source,
  ).slice(0, count);
  return chosen.map((corner) => Array.from({ length: dims }, (_, bit) => ((corner >> bit) & 1 ? 1 : -1)));
}

function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, at) => sum + value * vector[at]!, 0));
}

function numbered(prefix: string, values: readonly number[]): Record<string, number> {
  return Object.fromEntries(values.map((value, at) => [`${prefix}${at + 1}`, value]));
}
