/** Every kind of chart as a picture; `npm run charts` draws them all, to be looked at. */
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import { figurePng } from "../../src/render/png.js";
import type { Chart } from "../../src/views/view.js";
import { readGolden, sortedJson } from "../charts/golden.js";
import { samples } from "../charts/samples.js";
import { type Sheet, writeSheet } from "./contact-sheet.js";

const folder = process.env["PEPNET_CHARTS"];
/** Nothing is left out in an ordinary run: there are no contact sheets in it. */
const none = (): void => undefined;
/** Of a picture that is not blank. */
const fewestColours = 30;
const variant = /-(1-domain|50-domains|long-names|gap|no-domains)$/;

(folder === undefined ? describe : none)("every chart as a picture", () => {
  const drawn = Object.keys(samples).filter((name) => !/-(1-domain|long-names)$/.test(name));

  test.each(drawn)("%s has the size it asks for and is not blank", async (name) => {
    const { figure } = (samples[name] as () => Chart)();
    const png = await figurePng(figure, { scale: 1 });
    expect(png).not.toBeNull();
    const { width, height, colours } = await pixels(png as Uint8Array);
    expect([width, height]).toEqual([900, figure.layout["height"]]);
    expect(colours).toBeGreaterThan(fewestColours);
  });
});

(folder === undefined ? none : describe)("contact sheets", () => {
  // Each by itself: those that are drawn are kept whatever ends the run.
  test.each(sheets())(
    "$name",
    async (sheet) => {
      expect(await writeSheet(folder as string, sheet)).toBe(2 * Object.keys(sheet.charts).length);
    },
    120_000,
  );
});

/** A sheet a kind; a chart that is not what its golden holds has the golden beside it. */
function sheets(): Sheet[] {
  const only = (process.env["PEPNET_CHARTS_ONLY"] ?? "").split(",").filter((name) => name !== "");
  const kinds = new Map<string, Record<string, Chart>>();
  for (const [name, make] of Object.entries(samples)) {
    const kind = name.replace(variant, "");
    if (only.length > 0 && !only.includes(kind)) continue;
    const charts = kinds.get(kind) ?? {};
    kinds.set(kind, charts);
    const now = make();
    charts[variant.exec(name)?.[1] ?? "3 domains"] = now;
    const golden = readGolden(name);
    if (golden !== null && sortedJson(golden.figure) !== sortedJson(now.figure)) charts[`${name}, golden`] = golden;
  }
  return [...kinds].map(([name, charts]) => ({ name, charts }));
}

/** Colours are counted until there are enough: pictures have half a million pixels. */
async function pixels(png: Uint8Array): Promise<{ width: number; height: number; colours: number }> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const words = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const colours = new Set<number>();
  for (let at = 0; at < words.length && colours.size <= fewestColours; at++) colours.add(words[at]!);
  return { width: image.width, height: image.height, colours: colours.size };
}
