/** Fonts and sizes of figures, and what Plotly's buttons do. Figures have no background, so that the page's shows. */
import type { JsonObject } from "../../util/json.js";

/** Plotly's buttons, fainter than text. */
export const BUTTON = "rgba(118,118,118,0.55)";
export const FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
export const FONT_SIZE = 12;
export const TITLE_SIZE = 14;
/** Width in pixels at which nothing may overlap: JupyterLab's output on a small laptop, its file browser open. */
export const LEAST_WIDTH = 660;
/** Pixels that Plotly's buttons take at the top right, with those that CONFIG leaves. */
export const MODEBAR = 128;

/**
 * The `config` of every figure: fit the page, no logo, and no MathJax (a name may hold `$`). Buttons appear under the
 * pointer only, and few of them (save, zoom, pan, reset): the title leaves room for no more.
 */
export const CONFIG: JsonObject = {
  responsive: true,
  displaylogo: false,
  typesetMath: false,
  displayModeBar: "hover",
  modeBarButtonsToRemove: ["zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
};
