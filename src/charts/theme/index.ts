/** One look for every chart: colours, fonts, names, numbers. */

export {
  AXIS,
  BETTER,
  type ColourScale,
  colour,
  DASHES,
  DIVERGING,
  FAILED,
  faded,
  GATES,
  GRID,
  INK,
  inkOn,
  MAX_COLOURS,
  MEANINGS,
  ONE_OF_MANY,
  PLAIN,
  SEQUENTIAL,
  scaleColour,
  WORSE,
} from "./colours.js";
export { type Family, family, type LegendEntry, type Member } from "./family.js";
export { shortenAll } from "./names.js";
export { finite, rounded, tidy } from "./numbers.js";
export { BUTTON, CONFIG, FONT, FONT_SIZE, LEAST_WIDTH, MODEBAR, TITLE_SIZE } from "./page.js";
export { inTitle, label, type Markup, markup, markupLines, plotText, sentence, shorten } from "./text.js";
