/** Kinds of traces in plotly.js's bundle of charts on axes, which is a quarter of the whole. */
const onAxes = new Set(
  "scatter bar box heatmap histogram histogram2d histogram2dcontour contour scatterternary violin image pie".split(" "),
);

export interface Traces {
  readonly data: readonly unknown[];
}

export function isOnAxes({ data }: Traces): boolean {
  return data.every((trace) => onAxes.has(((trace ?? {}) as { readonly type?: string }).type ?? "scatter"));
}

/** The smallest file of plotly.js that draws these figures. */
export function plotlyFile(figures: readonly Traces[]): string {
  return require.resolve(figures.every(isOnAxes) ? "plotly.js-cartesian-dist-min" : "plotly.js-dist-min");
}
