/** Axes without numbers, which say why there are none. */
import type { Panel } from "./compose.js";
import { plotText } from "./text.js";
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
