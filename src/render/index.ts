/** Results to what people see: MIME bundles, HTML, text and pictures. Loads nothing heavy until a picture is asked for. */

export { escapeHtml, scriptJson } from "../util/escape.js";
export {
  chartBundle,
  type FigureBundleOptions,
  figureBundle,
  figureTitle,
  type MimeBundle,
  PLOTLY_MIME,
  tableBundle,
} from "./bundle.js";
export { figureElement, figureHtml, plotlyScript } from "./figure-html.js";
export { NARROW_WIDTH, narrowFigure } from "./narrow.js";
export { figurePng, type PictureTheme, type PngOptions } from "./png.js";
