/**
 * Figure → SVG → PNG, without a browser: plotly.js in jsdom, text measured and heat maps painted by a canvas,
 * resvg for the pixels. Loading takes about a second and drawing blocks: only the worker imports this file.
 * Uses the package's fonts, so that every machine draws the same bytes, even without fonts; system fonts are used only
 * for scripts that the package's font lacks, such as Chinese.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Canvas } from "@napi-rs/canvas";
import { JSDOM } from "jsdom";
import { PepnetError } from "../errors/index.js";
import type { Figure } from "../views/index.js";
import { installTextBoxes, MEASURED_FAMILY } from "./text-boxes.js";

/** A drawing request. */
export interface DrawRequest {
  readonly figure: Figure;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Image pixels per CSS pixel. */
  readonly scale: number;
}

interface PlotlyImages {
  toImage(figure: Figure, options: Record<string, unknown>): Promise<string>;
}

const FONT_FILES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) =>
  join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf", file),
);
/** East Asian and other scripts without glyphs in DejaVu Sans. */
const OTHER_SCRIPTS =
  /[\u0900-\u0e7f\u0f00-\u10ff\u1100-\u13ff\u1700-\u1cff\u2e80-\ua4ff\uac00-\uffef]|[\u{1f000}-\u{3ffff}]/u;

/** The packages that have a binary for each platform. */
interface Binaries {
  readonly "@napi-rs/canvas": typeof import("@napi-rs/canvas");
  readonly "@resvg/resvg-js": typeof import("@resvg/resvg-js");
}

let loaded: PlotlyImages | undefined;

/** The figure as SVG text. */
export async function drawSvg({ figure, width, height }: DrawRequest): Promise<string> {
  loaded ??= loadPlotly();
  return loaded.toImage(figure, { format: "svg", width, height, imageDataOnly: true });
}

/** The figure as PNG bytes. */
export async function drawPng(request: DrawRequest): Promise<Uint8Array> {
  const { Resvg } = loadBinary("@resvg/resvg-js");
  const svg = await drawSvg(request);
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: request.scale },
    font: {
      fontFiles: FONT_FILES,
      loadSystemFonts: OTHER_SCRIPTS.test(svg),
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
  return image.render().asPng();
}

/** Loads a package. Throws a PepnetError if it has no binary for this machine, or is not installed. */
function loadBinary<Name extends keyof Binaries>(name: Name): Binaries[Name] {
  try {
    return require(name) as Binaries[Name];
  } catch (cause) {
    throw new PepnetError(
      {
        path: name,
        message: `cannot be loaded on ${process.platform} ${process.arch}: pictures of charts need it`,
        received: String((cause as Error).message).split("\n")[0],
        expected: `a platform with a binary of ${name}, installed with its optional dependencies`,
        fix: `npm install ${name}; without it, browsers draw charts in notebooks, pages and reports, and everything else works`,
      },
      { cause },
    );
  }
}

function loadPlotly(): PlotlyImages {
  const { createCanvas, GlobalFonts } = loadBinary("@napi-rs/canvas");
  for (const file of FONT_FILES) GlobalFonts.registerFromPath(file, MEASURED_FAMILY);
  const { window } = new JSDOM("<!doctype html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: false,
  });
  installTextBoxes(window, createCanvas(1, 1).getContext("2d"));
  installCanvas(window, createCanvas);
  window.URL.createObjectURL = () => "";
  window.eval(readFileSync(require.resolve("plotly.js-dist-min"), "utf8"));
  return (window as unknown as { readonly Plotly: PlotlyImages }).Plotly;
}

/** Plotly paints heat maps on a canvas and embeds its data URL. */
function installCanvas(
  window: Window & typeof globalThis,
  createCanvas: (width: number, height: number) => Canvas,
): void {
  const canvases = new WeakMap<HTMLCanvasElement, Canvas>();
  const canvasBehind = (element: HTMLCanvasElement): Canvas => {
    const canvas = canvases.get(element) ?? createCanvas(element.width, element.height);
    canvases.set(element, canvas);
    return canvas;
  };
  Object.defineProperties(window.HTMLCanvasElement.prototype, {
    getContext: {
      value(this: HTMLCanvasElement, kind: string) {
        return kind === "2d" ? canvasBehind(this).getContext("2d") : null;
      },
    },
    toDataURL: {
      value(this: HTMLCanvasElement) {
        return canvasBehind(this).toDataURL("image/png");
      },
    },
  });
}
