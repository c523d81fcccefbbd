/**
 * Tails and quantiles of the normal, Student's t, Fisher's F and chi-square distributions, from the incomplete gamma
 * and beta functions (Numerical Recipes §6.2, §6.4); within 1e-10 of tabulated values. No dependency of this package
 * provides them.
 */

/** P(|Z| > z) of the standard normal. */
export function normalTails(z: number): number {
  return 1 - lowerGamma(0.5, (z * z) / 2);
}

/** P(Z ≤ z), fast, within 7e-8 (Abramowitz & Stegun 26.2.17). */
export function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (poly * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  return x > 0 ? 1 - tail : tail;
}

/** z with P(Z ≤ z) = `share`, fast, within 1e-7 for shares from 1e-11 (Wichura 1988, AS 241, PPND7). */
export function normalScore(share: number): number {
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const above = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    return (q * above) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  const r = Math.sqrt(-Math.log(Math.min(share, 1 - share))) - 1.6;
  const above = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
  return (Math.sign(q) * above) / ((0.12021132975 * r + 0.7370016425) * r + 1);
}

/** P(|T| > t) of Student's t with `df` degrees of freedom; of the normal with infinitely many. */
export function studentTails(t: number, df: number): number {
  return df === Number.POSITIVE_INFINITY ? normalTails(t) : lowerBeta(df / 2, 0.5, df / (df + t * t));
}

/** P(F > f) of Fisher's F; of chi-square over its degrees if `df2` is infinite. */
export function fisherTail(f: number, df1: number, df2: number): number {
  if (df2 === Number.POSITIVE_INFINITY) return chiSquareTail(f * df1, df1);
  return f > 0 ? lowerBeta(df2 / 2, df1 / 2, df2 / (df2 + df1 * f)) : 1;
}

/** f with P(F > f) = `tail`; 0 without degrees of freedom. */
export function fisherTailQuantile(tail: number, df1: number, df2: number): number {
  return df1 > 0 ? solve((f) => fisherTail(f, df1, df2) > tail) : 0;
}

/** P(X ≤ x) of chi-square with `df` degrees of freedom. */
export function chiSquareCdf(x: number, df: number): number {
  return x <= 0 ? 0 : lowerGamma(df / 2, x / 2);
}

/** P(X > x) of chi-square with `df` degrees of freedom, accurate even where it is tiny. */
export function chiSquareTail(x: number, df: number): number {
  const [a, half] = [df / 2, x / 2];
  if (x <= 0) return 1;
  const scale = gammaScale(a, half);
  return half < a + 1 ? 1 - scale * lowerGammaSeries(a, half) : scale * upperGammaFraction(a, half);
}

/**
 * Places of chi-square divided by its degrees of freedom (`share`), with weights, even in the logarithm between two
 * quantiles.
 */
export function chiSquarePoints(
  df: number,
  count: number,
  low: number,
  high: number,
): { readonly share: number; readonly weight: number }[] {
  const [from, to] = [Math.log(chiSquareQuantile(low, df)), Math.log(chiSquareQuantile(high, df))];
  const width = (to - from) / count;
  return Array.from({ length: count }, (_, at) => {
    const x = Math.exp(from + (at + 0.5) * width);
    return { share: x / df, weight: chiSquareDensity(x, df) * x * width };
  });
}

/** The density of chi-square with `df` degrees of freedom. */
function chiSquareDensity(x: number, df: number): number {
  return Math.exp((df / 2 - 1) * Math.log(x) - x / 2 - (df / 2) * Math.LN2 - logGamma(df / 2));
}

/** z with P(|Z| > z) = `tails`. */
export function normalQuantile(tails: number): number {
  return solve((z) => normalTails(z) > tails);
}

/** t with P(|T| > t) = `tails`. */
export function studentQuantile(tails: number, df: number): number {
  return solve((t) => studentTails(t, df) > tails);
}

/** x with P(X ≤ x) = `share`. */
export function chiSquareQuantile(share: number, df: number): number {
  return solve((x) => chiSquareCdf(x, df) < share);
}

/** The positive number up to which `below` is true, by bisection of the exponent, then of the number. */
function solve(below: (x: number) => boolean): number {
  let [low, high] = [-200, 200];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (below(2 ** middle)) low = middle;
    else high = middle;
  }
  return 2 ** ((low + high) / 2);
}

/** Lanczos, g = 7. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(x: number): number {
  const base = x + 6.5;
  const sum = lanczos.reduce((total, factor, i) => (i === 0 ? factor : total + factor / (x - 1 + i)), 0);
  return Math.log(Math.sqrt(2 * Math.PI) * sum) + (x - 0.5) * Math.log(base) - base;
}

const mostTerms = 10_000;
const precision = 1e-15;
/** Replaces a zero divisor. */
const tiny = 1e-300;

/** The regularised lower incomplete gamma function. */
function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? gammaScale(a, x) * lowerGammaSeries(a, x) : 1 - gammaScale(a, x) * upperGammaFraction(a, x);
}

function gammaScale(a: number, x: number): number {
  return Math.exp(a * Math.log(x) - x - logGamma(a));
}

function lowerGammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < mostTerms && term > sum * precision; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function upperGammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i < mostTerms; i++) {
    const factor = -i * (i - a);
    b += 2;
    d = 1 / (factor * d + b || tiny);
    c = b + factor / c || tiny;
    value *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return value;
}

/** The regularised incomplete beta function. */
function lowerBeta(a: number, b: number, x: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const logScale = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(logScale) * betaFraction(a, b, x)) / a;
  return 1 - (Math.exp(logScale) * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny);
  let value = d;
  for (let m = 1; m < mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d || tiny);
    c = 1 + even / c || tiny;
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d || tiny);
    c = 1 + odd / c || tiny;
    value *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return value;
}
