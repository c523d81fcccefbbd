/** Heat maps: one coloured cell per value. */
import type { JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";
import { type ColourScale, type Markup, plotText, tidy } from "../theme/index.js";
import { trace } from "./mark.js";

/** Smaller cells have no lines between them, since the lines would dominate. */
const GAPLESS = 24;

/** Choices for {@link cells}. Everything is [rows][columns]. */
export interface CellsOptions {
  /** `null`: no cell. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Values at the two ends of the scale. */
  readonly range: readonly [number, number];
  readonly scale: ColourScale;
  /** Title and ticks of the colour bar; `null`: no bar, since another panel has it. */
  readonly bar: JsonObject | null;
  /** Text in the cells; `null`: none, since it would not fit. */
  readonly texts: readonly (readonly string[])[] | null;
  readonly hover: readonly (readonly Markup[])[];
}

/** A heat map. */
export function cells({ values, range, scale, bar, texts, hover }: CellsOptions): PlotlyTrace {
  const columns = values[0]?.length ?? 0;
  return trace(
    "heatmap",
    { hover },
    {
      z: values.map((row) => row.map(tidy)),
      zmin: range[0],
      zmax: range[1],
      colorscale: scale,
      showscale: bar !== null,
      colorbar: bar ?? undefined,
      xgap: columns > GAPLESS ? 0 : 1,
      ygap: values.length > GAPLESS ? 0 : 1,
      hoverongaps: false,
      text: texts?.map((row) => row.map(plotText)),
      texttemplate: texts === null ? undefined : "%{text}",
    },
  );
}
