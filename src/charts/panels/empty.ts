/** A panel without data that shows the reason. */
import { words } from "../marks/index.js";
import { GRID } from "../theme/index.js";
import type { Panel } from "./panel.js";

/** A panel of one line of text. */
export function emptyPanel(why: string, title?: string): Panel {
  const bare = { range: [0, 1], showticklabels: false, showgrid: false, ticks: "" };
  return {
    title,
    marks: [words({ x: [0.5], y: [0.5], texts: [why] })],
    xaxis: { ...bare, linecolor: GRID },
    yaxis: bare,
  };
}
