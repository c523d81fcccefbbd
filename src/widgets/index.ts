/** Controls for notebooks in ipywidgets' protocol, and outputs that follow them. */
export type { StateValue, WidgetState } from "./bytes.js";
export { type ClickListener, clickChannel } from "./clicks.js";
export {
  anywidget,
  Box,
  Button,
  type ButtonOptions,
  button,
  column,
  type ModuleOptions,
  ModuleWidget,
  row,
  Select,
  type SelectOptions,
  Slider,
  type SliderOptions,
  select,
  slider,
  TextInput,
  type TextOptions,
  Toggle,
  type ToggleOptions,
  text,
  toggle,
} from "./controls/index.js";
export { type ChangeListener, type InputOptions, InputWidget } from "./input.js";
export { type AnyInput, Live, type LiveInputs, type LiveValues, live } from "./live.js";
export { Widget } from "./widget.js";
