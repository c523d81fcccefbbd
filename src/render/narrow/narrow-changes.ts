/** What a phone's layout changes in a figure, so that a page can keep one copy of the data for both layouts. */

import { isObject, type Json, type JsonObject } from "../../util/json.js";
import type { Figure } from "../../views/index.js";
import type { UntrustedFigure } from "../untrusted/index.js";
import { narrowFigure } from "./narrow.js";

/** The changes: some fields of traces, the layout and the config. `null`: the figure is not one that can be rearranged. */
export function narrowChanges(figure: Figure | UntrustedFigure): JsonObject | null {
  if (!isComposed(figure)) return null;
  const narrow = narrowFigure(figure as Figure);
  const changes = narrow.data.map((trace, t) => {
    const wide = figure.data[t] as JsonObject;
    return Object.fromEntries(Object.entries(trace).filter(([key, value]) => value !== wide[key])) as Json;
  });
  return { data: changes, layout: narrow.layout, config: narrow.config };
}

/** Whether it has the parts of figures of this package: panels with domains, a height and margins. Diagrams have none. */
function isComposed({ layout }: Pick<Figure, "layout">): boolean {
  const { height, margin } = layout;
  if (typeof height !== "number" || !isObject(margin)) return false;
  if (typeof margin["t"] !== "number" || typeof margin["b"] !== "number") return false;
  const suffixes = Object.keys(layout).flatMap((key) => /^xaxis(\d*)$/.exec(key)?.[1] ?? []);
  return suffixes.length > 0 && suffixes.every((suffix) => [`xaxis${suffix}`, `yaxis${suffix}`].every(hasDomain));

  function hasDomain(key: string): boolean {
    const axis = layout[key];
    if (!isObject(axis) || axis["visible"] === false) return false;
    return Array.isArray(axis["domain"]) && axis["domain"].every((end) => typeof end === "number");
  }
}
