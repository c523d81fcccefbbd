/** Each rule finds a chart that breaks it. */
import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/util/json.js";
import type { Chart } from "../../../src/lab/views/view.js";
import { themeOf } from "./golden.js";
import { rules } from "./rules.js";
import { samples } from "./samples.js";

const sound = samples["auc-by-domain"]!();
const heat = samples["study-domains"]!();
const theme = themeOf(sound.figure);

/** The chart with other parts of its layout. */
const withLayout = (layout: JsonObject): Chart => ({
  ...sound,
  figure: { ...sound.figure, layout: { ...sound.figure.layout, ...layout } },
});
const withAxis = (axis: JsonObject): Chart =>
  withLayout({ yaxis: { ...(sound.figure.layout["yaxis"] as JsonObject), ...axis } });
/** The chart with another first mark. */
const withMark = (mark: object): Chart => {
  const [first, ...others] = sound.figure.data;
  return { ...sound, figure: { ...sound.figure, data: [{ ...first!, ...mark } as JsonObject, ...others] } };
};
const withTitle = (title: string): Chart => ({ ...sound, title });
const isOf = (color: string) => ({ mode: "lines", line: { color } });

/** By rule: a chart that breaks it, drawn as the sample of a name; the rule does not fault the first chart. */
const broken: Readonly<Record<string, readonly [chart: Chart, name?: string]>> = {
  "is plain JSON": [withMark({ x: [Number.NaN] })],
  "has the theme": [withAxis({ gridcolor: "#ff0000" })],
  "escapes names": [withMark({ name: "<b>live</b>" })],
  "has a table of full rows": [{ ...sound, table: { ...sound.table, rows: [["ctr"]] } }],
  "has a legend that fits": [withMark({ showlegend: null })],
  "has an alternative text: its title, with what is seen and its main number": [withTitle("AUC by domain of a model")],
  "measures its title to 3 per cent": [withTitle("ﬁﬁﬁﬁﬁﬁﬁﬁﬁﬁﬁﬁ")],
  "has titles that fit a narrow notebook, and no width of its own": [withTitle("Another title than the figure's, 1")],
  "cuts what names have in common, never what differs": [
    withAxis({ ticktext: ["search …markets", "search … of the north"] }),
    "auc-by-domain-hard-names",
  ],
  "labels no difference with +0": [withAxis({ tickformat: "+.2f" })],
  "draws a single domain once": [withAxis({ ticktext: ["all rows", "everyone"] }), "auc-by-domain-1-domain"],
  "has three labelled ticks on each axis of numbers, in labels that differ": [
    withLayout({ xaxis: { ...(sound.figure.layout["xaxis"] as JsonObject), nticks: 1 } }),
  ],
  "writes ticks on both sides of 0 by digits after the point": [
    withLayout({
      xaxis: { ...(sound.figure.layout["xaxis"] as JsonObject), range: [-1, 1], tickformat: ".2~g" },
    }),
  ],
  "writes no small number with a prefix, such as 100µ": [
    {
      ...sound,
      figure: { ...withMark({ x: [1e-4, 1e-2], xaxis: "x" }).figure, layout: { xaxis: { type: "log" } } },
    },
  ],
  "cuts no name of at most 24 letters along an axis": [withAxis({ ticktext: ["share…nds_7d 0.712"] })],
  "names each column of a heat map, up to ten, and each row, up to 24": [
    {
      ...heat,
      figure: { ...heat.figure, layout: { ...heat.figure.layout, xaxis: { ticktext: ["under 25"] } } },
    },
  ],
  "says on each axis of differences what differs": [withAxis({ title: { text: "Δ (95% over users)" } })],
  "has colours of the table of meanings": [withMark(isOf("#123456"))],
  "gives the palette's colours to domains in their order": [
    withMark({ ...isOf("#d17a00"), hovertemplate: "under 25", customdata: [] }),
  ],
  "has contrast on light and dark pages": [withMark(isOf("#eeeeee"))],
};

test.each(Object.keys(rules))("%s", (rule) => {
  expect(rules[rule]!(sound, "auc-by-domain", theme)).toEqual([]);
  const [chart, name = "auc-by-domain"] = broken[rule]!;
  expect(rules[rule]!(chart, name, theme)).not.toEqual([]);
});
