/** Where the blocks and arrows of a model's diagram are, for every shape of model: facts of the layout, not its numbers. */
import { describe, expect, test } from "vitest";
import { modelStructure } from "../../../src/core/nn/plan/structure.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { drawModel, WIDTH } from "../../../src/lab/views/diagram-layout.js";
import { type Arrow, type Box, boxHeight, type Drawing } from "../../../src/lab/views/drawing.js";
import { modelOf, models } from "./models.js";
import { fiftyDomains } from "./results.js";

const specs: Readonly<Record<string, () => ModelSpec>> = {
  ...models,
  "three-domains": () => modelOf({ domains: ["feed", "search", "live"] }).spec,
  "one-domain": () => modelOf({ domains: ["everyone"] }).spec,
  "fifty-domains": () => modelOf({ domains: fiftyDomains }).spec,
};

interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

describe.each(Object.entries(specs))("%s", (_, make) => {
  const draw = () => {
    const { drawing, height } = drawModel(modelStructure(make()));
    return { drawing, height, boxes: drawing.boxes.map(edges) };
  };

  test("blocks are on the page, hold their lines, and are apart or one within the other", () => {
    const { drawing, height, boxes } = draw();
    for (const [at, box] of boxes.entries()) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.right).toBeLessThanOrEqual(WIDTH + 2);
      expect(box.bottom).toBeLessThanOrEqual(height);
      expect(box.bottom - box.top).toBeGreaterThanOrEqual(boxHeight(drawing.boxes[at]!.lines.length) - 0.01);
      for (const other of boxes.slice(at + 1)) {
        expect(areApart(box, other) || isWithin(box, other) || isWithin(other, box), text(box, other)).toBe(true);
      }
    }
  });

  test("arrows are lines down and across, from what is drawn to the edge of a block, a circle or a line", () => {
    const { drawing, boxes } = draw();
    for (const arrow of drawing.arrows.filter(({ head }) => head !== null)) {
      for (const [at, [x, y]] of arrow.points.slice(1).entries()) {
        const [fromX, fromY] = arrow.points[at]!;
        expect(x === fromX || y === fromY, JSON.stringify(arrow.points)).toBe(true);
      }
      const [first, last] = [arrow.points[0]!, arrow.points.at(-1)!];
      expect(touches(last, drawing, arrow, boxes), `to ${last}`).toBe(true);
      expect(touches(first, drawing, arrow, boxes), `from ${first}`).toBe(true);
      expect(directionOf(arrow)).toBe(arrow.head);
    }
  });
});

function edges({ x, y, width, lines, height = boxHeight(lines.length) }: Box): Rectangle {
  return { left: x, right: x + width, top: y, bottom: y + height };
}

function areApart(one: Rectangle, other: Rectangle): boolean {
  const [across, along] = [
    Math.min(one.right, other.right) - Math.max(one.left, other.left),
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top),
  ];
  return across <= 0.01 || along <= 0.01;
}

function isWithin(inner: Rectangle, outer: Rectangle): boolean {
  return (
    inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom
  );
}

/** Whether a point is on the edge of a block, the circle of a product, or another arrow. */
function touches(
  [x, y]: readonly [number, number],
  { products, arrows }: Drawing,
  self: Arrow,
  boxes: readonly Rectangle[],
): boolean {
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) < 0.01;
  const isBetween = (at: number, low: number, high: number): boolean =>
    at > Math.min(low, high) - 0.01 && at < Math.max(low, high) + 0.01;
  return (
    boxes.some(({ left, right, top, bottom }) => {
      const onSide = (isNear(x, left) || isNear(x, right)) && isBetween(y, top, bottom);
      // Cards of a stack reach below their block.
      const onEnd = (isNear(y, top) || (y >= bottom - 0.01 && y <= bottom + 8.01)) && isBetween(x, left, right);
      return onSide || onEnd;
    }) ||
    products.some((product) => Math.hypot(product.x - x, product.y - y) <= 10.01) ||
    arrows.some((arrow) => {
      if (arrow === self) return false;
      return arrow.points.slice(1).some(([toX, toY], at) => {
        const [fromX, fromY] = arrow.points[at]!;
        return isBetween(x, fromX, toX) && isBetween(y, fromY, toY);
      });
    })
  );
}

function directionOf({ points }: Arrow): string {
  const [[fromX, fromY], [x, y]] = points.slice(-2) as [readonly [number, number], readonly [number, number]];
  if (x !== fromX) return x < fromX ? "left" : "right";
  return y > fromY ? "down" : "up";
}

function text(...rectangles: readonly Rectangle[]): string {
  return JSON.stringify(rectangles);
}
