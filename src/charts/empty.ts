/** What stands where there is no number, and says so: empty axes, dashes, names of domains without rows. */
import type { Panel } from "./compose.js";
import type { PlotlyTrace } from "./figure.js";
import { label, plotText } from "./text.js";
import { GRID, INK } from "./theme.js";

/** A panel of one line of text. */
export function nothingPanel(why: string): Panel {
  const bare = { range: [0, 1], showticklabels: false, showgrid: false, ticks: "" };
  return {
    traces: [
      {
        type: "scatter",
        mode: "text",
        x: [0.5],
        y: [0.5],
        text: [plotText(why)],
        textfont: { color: INK },
        hoverinfo: "skip",
      },
    ],
    xaxis: { ...bare, linecolor: GRID },
    yaxis: bare,
  };
}

/** Dashes at `x` on the level `y`, each with its hover text (escaped by the caller). */
export function dashes(x: readonly number[], y: number, hovers: readonly string[]): PlotlyTrace[] {
  if (x.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "text",
      showlegend: false,
      x,
      y: x.map(() => y),
      text: x.map(() => "–"),
      textposition: "top center",
      textfont: { color: INK },
      cliponaxis: false,
      customdata: hovers,
      hovertemplate: "%{customdata}<extra></extra>",
    },
  ];
}

/** A legend entry for a domain that has a colour and no rows. */
export function emptyKey(name: string, color: string): PlotlyTrace {
  return {
    type: "scatter",
    mode: "markers",
    name: label(`${name} (no rows)`),
    showlegend: true,
    x: [null],
    y: [null],
    marker: { color, symbol: "line-ew-open", size: 8 },
    hoverinfo: "skip",
  };
}
