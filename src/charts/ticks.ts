/** Names along an axis: flat while they fit side by side, then slanted, and where they are many every second or third. */
import type { JsonObject } from "../util/json.js";
import { label, shorten } from "./text.js";

/** An x axis of names at 0, 1, 2, …, and the pixels that they need below it. */
export interface NameTicks {
  readonly axis: JsonObject;
  readonly below: number;
}

/** Pixels of a 12-pixel letter, and from one slanted line of letters to the next. */
const LETTER = 7.2;
const PITCH = 15;
/** Slanted names reach into what stands at the left: they are cut earlier than flat ones. */
const LIMIT = 18;
const SLANTED_LIMIT = 14;

/** Ticks for `names` on axes that are `width` pixels wide on the narrowest page. */
export function nameTicks(names: readonly string[], width: number): NameTicks {
  const flat = longest(names, LIMIT) + 1;
  if (flat * LETTER * names.length <= width) return { axis: axis(names, LIMIT, 0, 1), below: 36 };
  const step = Math.ceil((names.length * PITCH) / width);
  const angle = step > 1 ? 60 : 40;
  const reach = longest(names, SLANTED_LIMIT) * LETTER * Math.sin((angle * Math.PI) / 180);
  return { axis: axis(names, SLANTED_LIMIT, -angle, step), below: 24 + Math.round(reach) };
}

function axis(names: readonly string[], limit: number, angle: number, step: number): JsonObject {
  const places = names.map((_, n) => n).filter((n) => n % step === 0);
  return {
    tickvals: places,
    ticktext: places.map((n) => label(names[n] as string, limit)),
    tickangle: angle,
    showgrid: false,
    range: [-0.5, Math.max(1, names.length) - 0.5],
  };
}

function longest(names: readonly string[], limit: number): number {
  return Math.max(1, ...names.map((name) => [...shorten(name, limit)].length));
}
