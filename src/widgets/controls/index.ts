/** The controls. */
export { Box, column, row } from "./boxes.js";
export { Button, type ButtonOptions, button } from "./button.js";
export { anywidget, type ModuleOptions, ModuleWidget } from "./module.js";
export { Select, type SelectOptions, select } from "./select.js";
export { Slider, type SliderOptions, slider } from "./slider.js";
export { TextInput, type TextOptions, text } from "./text.js";
export { Toggle, type ToggleOptions, toggle } from "./toggle.js";
