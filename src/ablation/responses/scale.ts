export interface AxisScale {
  readonly log: boolean;
  scaled(value: number): number;
  unscaled(place: number): number;
  grid(size: number): number[];
}

export function axisScale(values: readonly number[]): AxisScale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0;
  const [scaled, unscaled] = log ? [Math.log, Math.exp] : [(value: number) => value, (place: number) => place];
  const [from, to] = [scaled(low), scaled(high)];
  return {
    log,
    scaled,
    unscaled,
    grid: (size) => Array.from({ length: size }, (_, at) => from + ((to - from) * at) / (size - 1)),
  };
}
