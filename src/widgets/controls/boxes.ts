/** Widgets beside and below each other. */
import type { WidgetModel } from "../model.js";
import { Widget } from "../widget.js";
import { controlModel } from "./parts.js";

/** Widgets in a row or column. Made by {@link row} and {@link column}. */
export class Box extends Widget {
  /** Its widgets, in order. */
  readonly children: readonly Widget[];
  /** @internal */
  readonly model: WidgetModel;

  /** Use {@link row} or {@link column}. @internal */
  constructor(kind: "HBox" | "VBox", children: readonly Widget[]) {
    super();
    this.children = children;
    const models = children.map(({ model }) => model);
    const state = { children: models.map(({ reference }) => reference) };
    this.model = controlModel(kind, state, { style: null, children: models, layout: { flex_flow: flow[kind] } });
  }

  /** @internal */
  lines(): readonly string[] {
    return this.children.flatMap((child) => child.lines());
  }
}

const flow = { HBox: "row wrap", VBox: "column" } as const;

/**
 * Widgets beside each other.
 *
 * @example
 * row(toggle({ label: "log scale" }), slider({ min: 0, max: 4, label: "gamma" }));
 */
export function row(...children: readonly Widget[]): Box {
  return new Box("HBox", children);
}

/**
 * Widgets below each other.
 *
 * @example
 * column(slider({ min: 0, max: 4, label: "EPNet" }), slider({ min: 0, max: 4, label: "PPNet" }));
 */
export function column(...children: readonly Widget[]): Box {
  return new Box("VBox", children);
}
