/** Layout and style, which are models of their own, and the model of a control with both. */
import type { WidgetState } from "../bytes.js";
import { type ModelListener, WidgetModel } from "../model.js";

const controls = "@jupyter-widgets/controls";
const base = "@jupyter-widgets/base";
const version = "2.0.0";

/** The model of a widget's place on the page. @param state CSS properties under ipywidgets' names */
export function layoutModel(state: WidgetState = {}): WidgetModel {
  return new WidgetModel({ module: base, version, model: "LayoutModel", view: "LayoutView" }, state);
}

/** The model of one of ipywidgets' controls, such as `FloatSlider`. */
export function controlModel(
  name: string,
  state: WidgetState,
  { style, children = [], layout }: ControlParts,
  listener: ModelListener = {},
): WidgetModel {
  const place = layoutModel(layout);
  const look =
    style === null
      ? []
      : [
          new WidgetModel(
            { module: controls, version, model: `${style}StyleModel`, view: "StyleView", viewModule: base },
            style === "Button" ? {} : { description_width: "initial" },
          ),
        ];
  const references = { layout: place.reference, ...(look[0] ? { style: look[0].reference } : {}) };
  return new WidgetModel(
    { module: controls, version, model: `${name}Model`, view: `${name}View` },
    { ...state, ...references },
    [place, ...look, ...children],
    listener,
  );
}

/** The other models of a control. */
export interface ControlParts {
  /** The name of its style's class; `null`: it has none. */
  readonly style: "Slider" | "Description" | "Checkbox" | "Text" | "Button" | null;
  readonly children?: readonly WidgetModel[];
  /** CSS properties under ipywidgets' names. */
  readonly layout?: WidgetState;
}
