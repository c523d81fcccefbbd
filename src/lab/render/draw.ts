/**
 * Draws figures as PNG by plotly.js in jsdom, a canvas and resvg, with the package's fonts, so that all machines draw
 * alike.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Canvas, SKRSContext2D } from "@napi-rs/canvas";
import { JSDOM } from "jsdom";
import { PepnetError } from "../../core/errors/index.js";
import type { Figure } from "../views/view.js";
import { palettePng } from "./palette-png.js";
import { plotlyFile } from "./plotly-file.js";
import { otherScripts } from "./scripts.js";
import { type Box, boundary, transformed, withoutHidden } from "./svg-boxes.js";

/** The font of the picture, in which text is measured. */
const MEASURED_FAMILY = "PepnetSans";

/** Ascent and descent of DejaVu Sans, in ems. */
const [ASCENT, DESCENT] = [0.928, 0.236];

function installTextBoxes(window: Window & typeof globalThis, context: SKRSContext2D): void {
  define<Element>(window.SVGElement.prototype, "getBBox", (text) => domRect(innerBox(text, context)));
  define<Element>(window.SVGElement.prototype, "getBoundingClientRect", (text) => domRect(outerBox(text, context)));
  define<Element>(window.SVGElement.prototype, "getComputedTextLength", (text) => lineWidth(text, context));
}

/**
 * A tag with classes. plotly.js queries such selectors a thousand times per chart, for which jsdom's engine takes 45 µs
 * each.
 */
const simpleSelector = /^(?!$)([\w-]*)((?:\.[\w-]+)*)$/;

function installQueries({ prototype }: typeof Element): void {
  const { querySelectorAll } = prototype;
  const select = (root: Element, selector: string, most: number): ArrayLike<Element> => {
    const [, tag, classes] = simpleSelector.exec(selector) ?? [];
    if (classes === undefined) return querySelectorAll.call(root, selector);
    const names = classes.split(".").slice(1);
    const selected: Element[] = [];
    const visit = (parent: Element): void => {
      for (let at = parent.firstElementChild; at && selected.length < most; at = at.nextElementSibling) {
        const { classList, localName } = at;
        if ((!tag || localName === tag) && names.every((name) => classList.contains(name))) selected.push(at);
        visit(at);
      }
    };
    visit(root);
    return selected;
  };
  define<Element>(prototype, "querySelector", (root, selector) => select(root, String(selector), 1)[0] ?? null);
  define<Element>(prototype, "querySelectorAll", (root, selector) => select(root, String(selector), Infinity));
}

type Method<Target> = (element: Target, ...values: readonly unknown[]) => unknown;

function define<Target>(prototype: object, name: string, method: Method<Target>): void {
  const value = function (this: Target, ...values: readonly unknown[]): unknown {
    return method(this, ...values);
  };
  Object.defineProperty(prototype, name, { value });
}

function domRect(box: Box | null): unknown {
  const { left, right, top, bottom } = box ?? { left: 0, right: 0, top: 0, bottom: 0 };
  return { x: left, y: top, left, right, top, bottom, width: right - left, height: bottom - top };
}

/** The box around all text in an element, in its parent's coordinates; `null` without text. */
function outerBox(element: Element, context: SKRSContext2D): Box | null {
  const box = innerBox(element, context);
  return box === null ? null : transformed(box, element.getAttribute("transform") ?? "");
}

/** The box in the element's coordinates: without its transform, with those of its children. */
function innerBox(element: Element, context: SKRSContext2D): Box | null {
  if (element.localName === "text") return textBox(element, context);
  const boxes = Array.from(element.children).map((child) => outerBox(child, context));
  return boundary(boxes.filter((box): box is Box => box !== null));
}

function textBox(text: Element, context: SKRSContext2D): Box | null {
  if ((text.textContent ?? "") === "") return null;
  const lines = Array.from(text.querySelectorAll("tspan.line"));
  const widths = (lines.length === 0 ? [text] : lines).map((line) => lineWidth(line, context));
  const width = Math.max(...widths);
  const size = fontSize(text);
  const x = number(text.getAttribute("x"));
  const y = number(text.getAttribute("y"));
  const anchor = style(text, "text-anchor") ?? "start";
  const left = anchor === "middle" ? x - width / 2 : anchor === "end" ? x - width : x;
  const last = lines.length === 0 ? 0 : number(lines.at(-1)!.getAttribute("dy")) * size;
  return { left, right: left + width, top: y - ASCENT * size, bottom: y + last + DESCENT * size };
}

/** Width of one line: the sum of its runs, each in its size and weight. */
function lineWidth(line: Element, context: SKRSContext2D): number {
  let width = 0;
  for (const node of Array.from(line.childNodes)) {
    if (node.nodeType === 1) width += lineWidth(node as Element, context);
    else if (node.nodeType === 3) {
      const weight = style(line, "font-weight") ?? "normal";
      context.font = `${Number(weight) >= 600 || weight === "bold" ? "bold" : "normal"} ${fontSize(line)}px ${MEASURED_FAMILY}`;
      width += context.measureText(node.textContent ?? "").width;
    }
  }
  return width;
}

function fontSize(element: Element): number {
  const size = style(element, "font-size");
  if (size === null) return 12;
  const parent = element.parentElement;
  return size.endsWith("%") && parent !== null
    ? (fontSize(parent) * Number.parseFloat(size)) / 100
    : number(size) || 12;
}

function style(element: Element, property: string): string | null {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const inline = at.hasAttribute("style") && (at as SVGElement).style.getPropertyValue(property);
    const value = inline || at.getAttribute(property);
    if (value) return value;
  }
  return null;
}

function number(text: string | null): number {
  return Number.parseFloat(text ?? "") || 0;
}

export interface DrawRequest {
  readonly figure: Figure;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Image pixels per CSS pixel. */
  readonly scale: number;
}

const FONT_FILES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) =>
  join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf", file),
);

interface Binaries {
  readonly "@napi-rs/canvas": typeof import("@napi-rs/canvas");
  readonly "@resvg/resvg-js": typeof import("@resvg/resvg-js");
}

interface PlotlyWindow extends Window {
  readonly Plotly: { toImage(figure: Figure, options: Record<string, unknown>): Promise<string> };
}

/** One window per file of plotly.js, because loading the whole takes four times as long as the part that most charts need. */
const windows = new Map<string, PlotlyWindow>();

export async function drawPng({ figure, width, height, scale }: DrawRequest): Promise<Uint8Array> {
  const { Resvg } = loadBinary("@resvg/resvg-js");
  const file = plotlyFile([figure]);
  const loaded = windows.get(file) ?? loadPlotly(file);
  windows.set(file, loaded);
  const picture = await loaded.Plotly.toImage(figure, { format: "svg", width, height, imageDataOnly: true });
  const svg = withoutHidden(picture, { width, height });
  const families = { defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" };
  const font = { fontFiles: FONT_FILES, loadSystemFonts: otherScripts.test(svg), ...families };
  const image = new Resvg(svg, { fitTo: { mode: "zoom", value: scale }, font });
  return palettePng(image.render());
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

function loadPlotly(file: string): PlotlyWindow {
  const { createCanvas, GlobalFonts } = loadBinary("@napi-rs/canvas");
  for (const file of FONT_FILES) GlobalFonts.registerFromPath(file, MEASURED_FAMILY);
  const { window } = new JSDOM("<!doctype html><body></body>", { runScripts: "outside-only" });
  installTextBoxes(window, createCanvas(1, 1).getContext("2d"));
  installCanvas(window, createCanvas);
  installQueries(window.Element);
  window.URL.createObjectURL = () => "";
  window.eval(readFileSync(file, "utf8"));
  return window as unknown as PlotlyWindow;
}

/** Plotly paints heat maps on a canvas and embeds its data URL. */
function installCanvas(window: Window & typeof globalThis, createCanvas: (width: number, height: number) => Canvas) {
  const canvases = new WeakMap<HTMLCanvasElement, Canvas>();
  const canvasBehind = (element: HTMLCanvasElement): Canvas => {
    const canvas = canvases.get(element) ?? createCanvas(element.width, element.height);
    canvases.set(element, canvas);
    return canvas;
  };
  const { prototype } = window.HTMLCanvasElement;
  define<HTMLCanvasElement>(prototype, "getContext", (element, kind) =>
    kind === "2d" ? canvasBehind(element).getContext("2d") : null,
  );
  define<HTMLCanvasElement>(prototype, "toDataURL", (element) => canvasBehind(element).toDataURL("image/png"));
}
