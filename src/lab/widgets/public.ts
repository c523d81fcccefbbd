/** `pepnet/widgets`: controls for notebooks, and outputs that follow them. @module pepnet/widgets */
export { type ClickListener, clickChannel } from "./clicks.js";
export * from "./controls.js";
export { type ChangeListener, type InputOptions, InputWidget, Widget } from "./input.js";
export { type AnyInput, Live, type LiveInputs, type LiveValues, live } from "./live.js";
export type { StateValue, WidgetState } from "./model.js";
export { anywidget, type ModuleOptions, ModuleWidget } from "./module.js";
