/** Fonts and sizes of figures, and Plotly's buttons. Figures have no background, so that the page's shows. */
import type { JsonObject } from "../../util/json.js";

/** Plotly's buttons, fainter than text. */
export const BUTTON = "rgba(118,118,118,0.55)";
export const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
export const FONT_SIZE = 12;
export const TITLE_SIZE = 14;
/** Smallest supported width in pixels: JupyterLab's output on a small laptop with the file browser open. */
export const LEAST_WIDTH = 660;
/** Width in pixels of the Plotly buttons that CONFIG keeps, at the top right. */
export const MODEBAR = 128;

/**
 * The `config` of every figure: fit the page, no logo, and no MathJax (a name may hold `$`). Only a few buttons (save,
 * zoom, pan, reset) appear, and only on hover: the title leaves no space for more.
 */
export const CONFIG: JsonObject = {
  responsive: true,
  displaylogo: false,
  typesetMath: false,
  displayModeBar: "hover",
  modeBarButtonsToRemove: ["zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
};
