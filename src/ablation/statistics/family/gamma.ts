/** Derivatives of the logarithm of the gamma function, by recurrence and asymptotic series; within 1e-10. */

export function digamma(value: number): number {
  let [x, sum] = [value, 0];
  for (; x < 6; x++) sum -= 1 / x;
  const f = 1 / (x * x);
  return sum + Math.log(x) - 0.5 / x - f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f / 132))));
}

export function trigamma(value: number): number {
  let [x, sum] = [value, 0];
  for (; x < 6; x++) sum += 1 / (x * x);
  const f = 1 / (x * x);
  return sum + 1 / x + f / 2 + (f / x) * (1 / 6 - f * (1 / 30 - f * (1 / 42 - f / 30)));
}

/** x with trigamma(x) = `value`, by bisection; between 0.001 and 10,000. */
export function trigammaInverse(value: number): number {
  let [low, high] = [1e-3, 1e4];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (trigamma(middle) > value) low = middle;
    else high = middle;
  }
  return low;
}
