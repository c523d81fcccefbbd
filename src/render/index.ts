/** Renders results as MIME bundles, HTML, text and pictures. Loads heavy modules only when a picture is requested. */

export { escapeHtml, scriptJson } from "../util/text/escape.js";
export {
  chartBundle,
  type FigureBundleOptions,
  figureBundle,
  figureTitle,
  type MimeBundle,
  PLOTLY_MIME,
  tableBundle,
} from "./bundle.js";
export { drawPlot } from "./draw-plot.js";
export { figureElement, figureHtml, plotlyCode, plotlyScript } from "./figure-html.js";
export * from "./frames/index.js";
export { NARROW_WIDTH, narrowChanges, narrowFigure } from "./narrow/index.js";
export { figurePng, type PictureTheme, type PngOptions } from "./png.js";
export {
  compilesCode,
  contentPolicy,
  createSanitiser,
  isInlinePicture,
  type PageNeeds,
  type Pictures,
  type Sanitise,
  type UntrustedFigure,
  untrustedFigure,
} from "./untrusted/index.js";
