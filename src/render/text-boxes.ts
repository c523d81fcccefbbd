/**
 * Sizes of SVG text. jsdom lays nothing out, but plotly.js asks for the boxes of titles, ticks and legends to
 * make room for them; here they are measured with the very font that the picture is drawn in.
 */
import type { SKRSContext2D } from "@napi-rs/canvas";

/** The family under which the shipped font is registered. */
export const MEASURED_FAMILY = "PepnetSans";

/** Ascent and descent of DejaVu Sans, in ems. */
const ASCENT = 0.928;
const DESCENT = 0.236;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Gives `window`'s SVG elements `getBBox`, `getBoundingClientRect` and `getComputedTextLength`. */
export function installTextBoxes(window: Window & typeof globalThis, context: SKRSContext2D): void {
  const rect = (element: Element): unknown => {
    const box = boxOf(element, context) ?? { left: 0, right: 0, top: 0, bottom: 0 };
    const size = { width: box.right - box.left, height: box.bottom - box.top };
    return { x: box.left, y: box.top, left: box.left, top: box.top, right: box.right, bottom: box.bottom, ...size };
  };
  const methods = {
    getBBox: { value: measured, configurable: true },
    getBoundingClientRect: { value: measured, configurable: true },
    getComputedTextLength: { value: textLength, configurable: true },
  };
  Object.defineProperties(window.SVGElement.prototype, methods);
  function measured(this: Element): unknown {
    return rect(this);
  }
  function textLength(this: Element): number {
    return lineWidth(this, context);
  }
}

/** The box around all text in an element, transforms aside (plotly.js asks for untransformed text). */
function boxOf(element: Element, context: SKRSContext2D): Box | null {
  if (element.localName === "text") return textBox(element, context);
  let union: Box | null = null;
  for (const child of Array.from(element.children)) {
    const box = boxOf(child, context);
    if (box === null) continue;
    union =
      union === null
        ? box
        : {
            left: Math.min(union.left, box.left),
            right: Math.max(union.right, box.right),
            top: Math.min(union.top, box.top),
            bottom: Math.max(union.bottom, box.bottom),
          };
  }
  return union;
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
  const last = lines.length === 0 ? 0 : number((lines.at(-1) as Element).getAttribute("dy")) * size;
  return { left, right: left + width, top: y - ASCENT * size, bottom: y + last + DESCENT * size };
}

/** Width of one line: the sum of its runs, each in its own size and weight. */
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

/** An inherited property: plotly.js writes attributes and inline styles. */
function style(element: Element, property: string): string | null {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const inline = (at as SVGElement).style?.getPropertyValue(property);
    if (inline) return inline;
    const attribute = at.getAttribute(property);
    if (attribute) return attribute;
  }
  return null;
}

function number(text: string | null): number {
  const value = Number.parseFloat(text ?? "");
  return Number.isFinite(value) ? value : 0;
}
