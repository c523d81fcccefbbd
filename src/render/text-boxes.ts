/**
 * Sizes of SVG text. jsdom lays nothing out, but plotly.js asks for the boxes of titles, ticks and legends to
 * make room for them; here they are measured in the picture's font.
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

/** Adds `getBBox`, `getBoundingClientRect` and `getComputedTextLength` to `window`'s SVG elements. */
export function installTextBoxes(window: Window & typeof globalThis, context: SKRSContext2D): void {
  Object.defineProperties(window.SVGElement.prototype, {
    getBBox: {
      value(this: Element) {
        return domRect(innerBox(this, context));
      },
    },
    getBoundingClientRect: {
      value(this: Element) {
        return domRect(outerBox(this, context));
      },
    },
    getComputedTextLength: {
      value(this: Element) {
        return lineWidth(this, context);
      },
    },
  });
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

function boundary(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    right: Math.max(...boxes.map((box) => box.right)),
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

/** Applies `translate(x,y) rotate(angle,x,y) scale(k)`, the transforms that plotly.js writes, right to left. */
function transformed(box: Box, transform: string): Box {
  const steps = [...transform.matchAll(/(translate|rotate|scale)\(([^)]*)\)/g)].reverse();
  let corners = [box.left, box.right].flatMap((x) => [box.top, box.bottom].map((y): [number, number] => [x, y]));
  for (const [, kind, list = ""] of steps) {
    const values = list.split(/[\s,]+/).map(Number);
    corners = corners.map((corner) => moved(corner, kind!, values));
  }
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function moved([x, y]: [number, number], kind: string, values: readonly number[]): [number, number] {
  const [first = 0, second, third = 0] = values;
  if (kind === "translate") return [x + first, y + (second ?? 0)];
  if (kind === "scale") return [x * first, y * (second ?? first)];
  const [cos, sin, aroundX] = [Math.cos((first * Math.PI) / 180), Math.sin((first * Math.PI) / 180), second ?? 0];
  return [aroundX + (x - aroundX) * cos - (y - third) * sin, third + (x - aroundX) * sin + (y - third) * cos];
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
