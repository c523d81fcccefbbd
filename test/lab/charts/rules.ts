/** What holds for every chart, by name: each rule gives the faults of a chart. */
import { isDeepStrictEqual } from "node:util";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import type { JsonObject } from "../../../src/core/util/json.js";
import { boldWidth } from "../../../src/lab/views/compose.js";
import {
  BETTER,
  colour,
  GATES,
  INK,
  LEAST_WIDTH,
  MAX_COLOURS,
  ONE_OF_MANY,
  PLAIN,
  TASKS,
  TITLE_SIZE,
  WORSE,
} from "../../../src/lab/views/theme.js";
import { fewestTicks, isOfNumbers, multiples, spanOf } from "../../../src/lab/views/ticks.js";
import type { Chart, Figure, PlotlyTrace } from "../../../src/lab/views/view.js";
import { contrastFaults, isOnCells } from "./contrast.js";
import { type Theme, themeFaults } from "./golden.js";
import { ageDomains } from "./results.js";

type Fields = Readonly<Record<string, unknown>>;
/** @param name of the sample, whose end says what it is drawn for. */
type Rule = (chart: Chart, name: string, theme: Theme) => readonly string[];

/** What each colour means. Domain 0 has the palette's first, domain 1 its second; on a study's page variants have them. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  [INK, "all rows, or the model that others are compared with"],
  [PLAIN, "one quantity without a domain, such as a count, a gate or a layer"],
  [ONE_OF_MANY, "each of many"],
  ...TASKS.slice(1).map((shade, at): [string, string] => [shade, `the loss of task ${at + 1}`]),
  [BETTER, "better, or more"],
  [WORSE, "worse, or less; a failure"],
  [GATES, "gates and what feeds them"],
  ...Array.from({ length: MAX_COLOURS }, (_, domain): [string, string] => [
    colour(domain, MAX_COLOURS),
    `domain ${domain}, or variant ${domain} of a study or of days, or run ${domain} of an index`,
  ]),
]);
const palette = Array.from({ length: MAX_COLOURS }, (_, domain) => colour(domain, MAX_COLOURS));
/** Other helpers' charts of labels, and the quick look at any columns, which is on no page with others. */
const withOtherColours = /^(label-rates|plot-)/;
/** Samples whose colours of the palette are not those of {@link ageDomains}. */
const withoutAges =
  /-(1-domain|12-domains|50-domains|no-domains|hard-names)$|^(study-|days|launch|model-diagram|saved-runs)/;
const saysNothing = /\b(no|not|none|nothing|fewer than|reports none)\b/i;

export const rules: Readonly<Record<string, Rule>> = {
  "is plain JSON": ({ figure }) =>
    isDeepStrictEqual(JSON.parse(JSON.stringify(figure)), figure) ? [] : ["the figure changes when written and read"],

  "has the theme": ({ figure }, _, theme) => themeFaults(figure, theme),

  "escapes names": ({ figure }) =>
    JSON.stringify(figure)
      .match(/<(?:b|script)>.{0,20}|&%\{x\}/g)
      ?.map((text) => `markup: ${text}`) ?? [],

  "has a table of full rows": ({ table, figure }) => {
    const short = table.rows.filter((row) => row.length !== table.columns.length);
    const isEmpty = table.rows.length === 0 && !textsIn(figure).some((text) => saysNothing.test(text));
    return [
      ...short.map((row) => `${row.length} cells in ${table.columns.length} columns`),
      ...(table.columns.length === 0 || isEmpty ? ["the table is empty"] : []),
    ];
  },

  "has a legend that fits": ({ figure }) => {
    const unclear = figure.data.filter(({ showlegend }) => typeof showlegend !== "boolean");
    const entries = legendOf(figure);
    return [
      ...unclear.map(({ name }) => `${name} is in the legend or not`),
      ...(entries.length > 10 ? [`${entries.length} entries`] : []),
    ];
  },

  "has an alternative text: its title, with what is seen and its main number": ({ title }) => {
    const isShort = title.length <= 15 || title.trim().split(/\s+/).length <= 3;
    const isVague = !saysNothing.test(title) && !/\d/.test(title);
    return isShort || isVague || title.length >= 400 ? [title] : [];
  },

  "measures its title to 3 per cent": ({ title }) => {
    const share = boldWidth(title, TITLE_SIZE) / drawnWidth(title);
    return Math.abs(share - 1) < 0.03 ? [] : [`${share} of its width`];
  },

  "has titles that fit a narrow notebook, and no width of its own": ({ title, figure }, name) => {
    const layout = figure.layout as unknown as {
      width?: number;
      title: { text: string };
      annotations: { text: string }[];
    };
    const lines = layout.title.text.split("<br>").map(plain);
    const panels = layout.annotations.map(({ text }) => text);
    return [
      ...(layout.width === undefined ? [] : ["a width"]),
      ...(lines.join(" ") === title ? [] : [`another title: ${lines.join(" ")}`]),
      ...lines.filter((each) => boldWidth(each, TITLE_SIZE) >= LEAST_WIDTH - 24),
      // A domain's name alone may be longer than a panel.
      ...(name.endsWith("-hard-names") ? [] : panels.filter((text) => text.includes("…"))),
    ];
  },

  "cuts what names have in common, never what differs": ({ title, figure }, name) => {
    const alike = namesIn(figure).filter((list) => new Set(list).size < list.length);
    const cut = [title, ...textsIn(figure)].filter((text) => text.includes("…") && /search|market|north/.test(text));
    return [
      ...alike.map((list) => `the same name twice: ${list.join(", ")}`),
      ...(name.endsWith("-hard-names") ? cut.filter((text) => !/sup|hyp|min/.test(text)) : []),
    ];
  },

  // Plotly's formats with a plus write it before zero too.
  "labels no difference with +0": ({ figure }) =>
    textsIn(figure, "tickformat").filter((format) => format.startsWith("+")),

  "draws a single domain once": ({ figure }, name) => {
    const lists = name.endsWith("-1-domain") ? namesIn(figure) : [];
    const isTwice = (list: readonly string[]): boolean =>
      list.some((text) => text.startsWith("all rows")) && list.some((text) => text.includes("everyone"));
    return lists.filter(isTwice).map((list) => list.join(", "));
  },

  // Names, times, and powers of ten have ticks of their own; on a single value there is one.
  "has three labelled ticks on each axis of numbers, in labels that differ": (chart) =>
    axesOf(chart, true).flatMap(({ key, axis, span }) => {
      const {
        nticks = 5,
        dtick,
        range,
        tickformat = "",
      } = axis as {
        nticks?: number;
        dtick?: number;
        range?: unknown;
        tickformat?: string;
      };
      const labels =
        dtick === undefined ? fewestTicks(span, nticks, range !== undefined) : multiples(span, dtick).length;
      if (dtick === 1) return []; // each whole number has a tick
      const step = dtick ?? (span[1] - span[0]) / labels;
      const digits = Number(/^\.(\d)~?f$/.exec(tickformat)?.[1] ?? 9);
      return labels < 3 || step < 0.4 * 10 ** -digits ? [`${key} from ${span.join(" to ")}: ${labels} of ${step}`] : [];
    }),

  // Plotly adds steps up: significant digits of a zero may be those of −2.2e−17.
  "writes ticks on both sides of 0 by digits after the point": (chart) =>
    axesOf(chart, false).flatMap(({ key, axis, span }) =>
      /g$/.test(String(axis["tickformat"] ?? "")) && span[0] < 0 && span[1] >= 0
        ? [`${key}: ${String(axis["tickformat"])}`]
        : [],
    ),

  "writes no small number with a prefix, such as 100µ": ({ figure: { data, layout } }) =>
    Object.entries(layout).flatMap(([key, value]) => {
      const axis = value as JsonObject;
      if (!/^[xy]axis\d*$/.test(key)) return [];
      if (["tickformat", "ticktext", "exponentformat"].some((name) => axis[name] !== undefined)) return [];
      if (axis["showticklabels"] === false || axis["visible"] === false) return [];
      const along = key[0]!;
      const traces = data.filter((trace) => trace[`${along}axis`] === key.replace("axis", ""));
      const sizes = traces.flatMap((trace) => ((trace[along] ?? []) as readonly unknown[]).map(Number)).map(Math.abs);
      const smallest = Math.min(...sizes.filter((size) => size > 0));
      const isSmall = axis["type"] === "log" ? smallest < 1e-3 : Math.max(...sizes) < 1e-3;
      return isSmall && Number.isFinite(smallest) ? [`${key}: ${smallest}`] : [];
    }),

  "cuts no name of at most 24 letters along an axis": ({ figure: { layout } }, name) => {
    const texts = Object.values(layout).flatMap((axis) => (axis as { ticktext?: string[] } | null)?.ticktext ?? []);
    return name.endsWith("-hard-names")
      ? []
      : texts.filter((text) => text.includes("…") && !/ more …$/.test(text) && [...text].length < 20);
  },

  "names each column of a heat map, up to ten, and each row, up to 24": ({ figure: { data, layout } }) =>
    data
      .filter(({ type }) => type === "heatmap")
      .flatMap(({ xaxis, yaxis, z }) => {
        const cells = z as readonly (readonly unknown[])[];
        const named = (name: unknown): number => {
          const axis = layout[`${String(name)[0]}axis${String(name).slice(1)}`] as { ticktext?: readonly string[] };
          return axis.ticktext?.length ?? 0;
        };
        const sides = [
          { of: cells[0]?.length ?? 0, most: 10, names: named(xaxis) },
          { of: cells.length, most: 24, names: named(yaxis) },
        ];
        return sides
          .filter(({ of, most, names }) => of <= most && names < of)
          .map(({ of, names }) => `${names} names of ${of}`);
      }),

  "says on each axis of differences what differs": ({ figure: { layout } }) =>
    Object.values(layout).flatMap((axis) => {
      const text = (axis as { title?: { text?: string } } | null)?.title?.text ?? "";
      return /^Δ *(\(|$)/.test(text) ? [text] : [];
    }),

  "has colours of the table of meanings": ({ figure: { data } }, name) => {
    if (withOtherColours.test(name)) return [];
    // Marks on cells are black or white.
    const shades = data.filter((each) => !isOnCells(each, data)).flatMap(coloursIn);
    return shades.filter((shade) => !MEANINGS.has(shade));
  },

  "gives the palette's colours to domains in their order": ({ figure: { data } }, name) => {
    if (withOtherColours.test(name) || withoutAges.test(name)) return [];
    // Lines that lead from a curve's end to its name have no hover text.
    return data
      .filter((each) => each["hoverinfo"] !== "skip")
      .flatMap((trace) => coloursIn(trace).map((shade) => [JSON.stringify(trace), palette.indexOf(shade)] as const))
      .filter(([text, domain]) => domain >= 0 && !text.includes(ageDomains[domain] ?? "no such domain"))
      .map(([text, domain]) => `colour ${domain} in ${text.slice(0, 200)}`);
  },

  "has contrast on light and dark pages": ({ figure }) => contrastFaults(figure),
};

const context = createCanvas(1, 1).getContext("2d");
GlobalFonts.registerFromPath(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"), "Title measured");

function drawnWidth(title: string): number {
  context.font = `bold ${TITLE_SIZE}px "Title measured"`;
  return context.measureText(title).width;
}

function plain(text: string): string {
  return text
    .replace(/%&#123;/g, "%{")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

/** The axes with a span of numbers. @param hasOwnTicks only those whose ticks Plotly places and labels */
function axesOf({ figure: { data, layout } }: Chart, hasOwnTicks: boolean) {
  return Object.entries(layout).flatMap(([key, value]) => {
    const along = /^([xy])axis\d*$/.exec(key)?.[1] as "x" | "y" | undefined;
    const axis = value as JsonObject;
    if (along === undefined || (hasOwnTicks && !isOfNumbers({ ...axis, dtick: undefined } as never))) return [];
    const name = key.replace("axis", "");
    const span = spanOf(
      axis,
      data.filter((trace) => trace[`${along}axis`] === name),
      along,
    );
    return span === null ? [] : [{ key, axis, span }];
  });
}

/** Every text in a figure, except for hover texts, which have names in full; or only those under one key. */
function textsIn(value: unknown, key?: string): string[] {
  if (typeof value === "string") return key === undefined ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]): string[] => {
    if (/hovertemplate|customdata|hovertext/.test(name)) return [];
    return name === key && typeof each === "string" ? [each] : textsIn(each, key);
  });
}

/** The colours of marks, as hex; fills are faded. */
export function coloursIn(trace: PlotlyTrace): string[] {
  if (trace["mode"] === "text") return [];
  const fields = ["marker", "line", "error_x", "error_y"].flatMap((key) => {
    const part = (trace[key] ?? {}) as Fields;
    return [part["color"], (part["line"] as Fields | undefined)?.["color"]];
  });
  const isLine = trace["mode"] !== "markers" && (trace["line"] as Fields | undefined)?.["width"] !== 0;
  const shades = isLine ? fields : fields.slice(0, 2).concat(fields.slice(4));
  return shades.flat().filter((shade): shade is string => typeof shade === "string" && shade.startsWith("#"));
}

function legendOf({ data }: Figure): string[] {
  return data.filter(({ showlegend }) => showlegend === true).map(({ name }) => String(name));
}

/** Names side by side: along an axis, and in the legend. */
function namesIn(figure: Figure): string[][] {
  const ticks = Object.values(figure.layout).flatMap((axis) => {
    const { ticktext } = (axis ?? {}) as { ticktext?: string[] };
    // Numbers beside rows may be equal.
    return ticktext === undefined ? [] : [ticktext.filter((text) => /\p{L}/u.test(text))];
  });
  return [...ticks, legendOf(figure)];
}
