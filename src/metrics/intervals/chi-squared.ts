/** The chi-squared distribution. */

/** P(X > x) with `freedom` degrees of freedom (series and continued fraction of the incomplete gamma function). */
export function chiSquaredP(x: number, freedom: number): number {
  if (!(x > 0)) return 1;
  const [shape, half] = [freedom / 2, x / 2];
  const scale = Math.exp(shape * Math.log(half) - half - logGamma(shape));
  return half < shape + 1 ? 1 - scale * lowerSeries(shape, half) : scale * upperFraction(shape, half);
}

/** The x that is exceeded with this probability; 0 without degrees of freedom. */
export function chiSquaredAbove(probability: number, freedom: number): number {
  if (freedom <= 0) return 0;
  let [low, high] = [0, 1000 + 10 * freedom];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (chiSquaredP(middle, freedom) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function lowerSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let total = term;
  for (let n = 1; n < 10_000 && term > total * 1e-15; n++) {
    term *= x / (shape + n);
    total += term;
  }
  return total;
}

/** Lentz's algorithm. */
function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 10_000; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

/** Stirling's series, after a shift to where it is exact to 1e-13. */
function logGamma(value: number): number {
  let [z, shift] = [value, 0];
  for (; z < 10; z++) shift += Math.log(z);
  const square = z * z;
  const series = 1 / (12 * z) - 1 / (360 * z * square) + 1 / (1260 * z * square * square);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}
