/** Boxes of SVG elements under the transforms that plotly.js writes, and the removal of shapes outside a picture. */

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

type Point = readonly [x: number, y: number];

export function boundary(boxes: readonly Box[]): Box | null {
  return boxAround(boxes.flatMap(corners));
}

function corners({ left, right, top, bottom }: Box): Point[] {
  return [left, right].flatMap((x) => [top, bottom].map((y): Point => [x, y]));
}

/** `null` without points. */
function boxAround(points: readonly Point[]): Box | null {
  if (points.length === 0) return null;
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x)];
    [box.top, box.bottom] = [Math.min(box.top, y), Math.max(box.bottom, y)];
  }
  return box;
}

/** Applies `translate(x,y) rotate(angle,x,y) scale(k)`, the transforms that plotly.js writes, right to left. */
export function transformed(box: Box, transform: string): Box {
  const steps = [...transform.matchAll(/(translate|rotate|scale)\(([^)]*)\)/g)].reverse();
  let points = corners(box);
  for (const [, kind, list = ""] of steps) {
    const values = list.split(/[\s,]+/).map(Number);
    points = points.map((point) => moved(point, kind!, values));
  }
  return boxAround(points)!;
}

function moved([x, y]: Point, kind: string, values: readonly number[]): Point {
  const [first = 0, second, third = 0] = values;
  if (kind === "translate") return [x + first, y + (second ?? 0)];
  if (kind === "scale") return [x * first, y * (second ?? first)];
  const [cos, sin, aroundX] = [Math.cos((first * Math.PI) / 180), Math.sin((first * Math.PI) / 180), second ?? 0];
  return [aroundX + (x - aroundX) * cos - (y - third) * sin, third + (x - aroundX) * sin + (y - third) * cos];
}

/** The points of a path of absolute commands, with the control points of curves. */
function pathPoints(path: string): Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  for (const [, command = "", list] of path.matchAll(/([A-Z])([^A-Z]*)/g)) {
    const values = (list?.match(/-?[\d.]+(?:e[-+]?\d+)?/gi) ?? []).map(Number);
    const [size, skipped] = command === "A" ? [7, 5] : command === "H" || command === "V" ? [1, 0] : [2, 0];
    for (let at = 0; at + size <= values.length; at += size) {
      const [first, second] = [values[at + skipped]!, values[at + skipped + 1]!];
      [x, y] = command === "H" ? [first, y] : command === "V" ? [x, first] : [first, second];
      points.push([x, y]);
    }
  }
  return points;
}

const tag = /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>/g;

/** Removes paths that are wholly outside a picture, since resvg 2.6 exits if nothing of a clipped shape is left. */
export function withoutHidden(svg: string, { width, height }: Record<"width" | "height", number>): string {
  const around: string[] = []; // transforms of the elements that are open
  return svg.replace(tag, (text, end: string, name: string, attributes: string, isEmpty: string) => {
    const [, transform = ""] = /\stransform="([^"]*)"/.exec(attributes) ?? [];
    if (end) around.pop();
    else if (!isEmpty) around.push(transform);
    const [, path = ""] = (name === "path" && isEmpty && /\sd="([^"]*)"/.exec(attributes)) || [];
    const inside = boxAround(pathPoints(path));
    const box = inside && around.reduceRight(transformed, transformed(inside, transform));
    return !box || (box.right >= 0 && box.left <= width && box.bottom >= 0 && box.top <= height) ? text : "";
  });
}
