/** Controls with a value (slider, select, text, toggle), buttons, and their arrangement. */
import { NotebookError, type Problem } from "../../core/errors/index.js";
import { isObject } from "../../core/util/json.js";
import { type InputOptions, InputWidget, Listeners, Widget } from "./input.js";
import { baseModule, layoutModel, type ModelListener, modulesVersion, WidgetModel, type WidgetState } from "./model.js";

const controls = "@jupyter-widgets/controls";

function controlModel(
  name: string,
  state: WidgetState,
  { style, children = [], layout }: ControlParts,
  listener: ModelListener = {},
): WidgetModel {
  const place = layoutModel(layout);
  const type = { module: controls, version: modulesVersion, model: `${name}Model`, view: `${name}View` };
  const parts = { ...state, layout: place.reference };
  if (style === null) return new WidgetModel(type, parts, [place, ...children], listener);
  const styleType = { ...type, model: `${style}StyleModel`, view: "StyleView", viewModule: baseModule };
  const look = new WidgetModel(styleType, style === "Button" ? {} : { description_width: "initial" });
  return new WidgetModel(type, { ...parts, style: look.reference }, [place, look, ...children], listener);
}

interface ControlParts {
  /** The name of its style's class; `null`: it has none. */
  readonly style: "Slider" | "Description" | "Checkbox" | "Text" | "Button" | null;
  readonly children?: readonly WidgetModel[];
  readonly layout?: WidgetState;
}

/** Options of {@link slider}. */
export interface SliderOptions extends InputOptions {
  readonly min: number;
  readonly max: number;
  /** Distance between values. Default: about a hundredth of the range. */
  readonly step?: number;
  /** The first value. Default: `min`. */
  readonly value?: number;
}

/** A slider. Made by {@link slider}. */
export class Slider extends InputWidget<number> {
  readonly min: number;
  readonly max: number;
  readonly step: number;

  /** Use {@link slider}. @internal */
  constructor({ min, max, step = usualStep(min, max), value = min, label = "" }: SliderOptions) {
    const problems = sliderProblems(min, max, step, value);
    if (problems.length > 0) throw new NotebookError(problems);
    const digits = Math.max(decimals(step), decimals(min));
    const format = digits === 0 ? "d" : `.${digits}f`;
    const state = { description: label, min, max, step, value, readout_format: format, continuous_update: true };
    super(label, value, {
      problem: (each) =>
        typeof each === "number" && each >= min && each <= max ? null : `a number from ${min} to ${max}`,
      // The front end adds steps up, so it sends 0.9999999999999999 for 1.
      valueIn: (changes) =>
        typeof changes["value"] === "number" ? Number(changes["value"].toFixed(digits)) : undefined,
      textOf: (each) => `${each} (${min} to ${max})`,
      model: (listener) =>
        controlModel("FloatSlider", state, { style: "Slider", layout: { width: "420px" } }, listener),
    });
    this.min = min;
    this.max = max;
    this.step = step;
  }
}

/** A slider. Throws a NotebookError if the numbers contradict each other. */
export function slider(options: SliderOptions): Slider {
  return new Slider(options);
}

function sliderProblems(min: number, max: number, step: number, value: number): Problem[] {
  const problem = (path: string, message: string, received: number, expected: string): Problem => {
    return { path: `slider.${path}`, message, received: String(received), expected };
  };
  const numbers = Object.entries({ min, max, step, value }).filter(([, number]) => !Number.isFinite(number));
  if (numbers.length > 0) return numbers.map(([name, number]) => problem(name, "not a number", number, "a number"));
  return [
    ...(max > min ? [] : [problem("max", "not larger than min", max, `more than ${min}`)]),
    ...(step > 0 ? [] : [problem("step", "not positive", step, "more than 0")]),
    ...(value >= min && value <= max ? [] : [problem("value", "outside the range", value, `${min} to ${max}`)]),
  ];
}

/** 1, 2 or 5 times a power of ten, so that the range has 50 to 125 steps; 1 for integers over a range of 10 or more. */
function usualStep(min: number, max: number): number {
  const range = max - min;
  if (!(range > 0) || !Number.isFinite(range)) return 1;
  if (Number.isInteger(min) && Number.isInteger(max) && range >= 10 && range <= 200) return 1;
  const power = 10 ** Math.floor(Math.log10(range / 100));
  const multiple = [1, 2, 5, 10].find((each) => each * power * 1.25 >= range / 100)!;
  return Number((multiple * power).toPrecision(1));
}

/** Digits after the point: 2 of 0.05 and 0.25. */
function decimals(value: number): number {
  const most = 10;
  let digits = 0;
  while (digits < most && Math.abs(Number(value.toFixed(digits)) - value) > 1e-12) digits++;
  return digits;
}

/** Options of {@link select}. */
export interface SelectOptions<T> extends InputOptions {
  readonly options: readonly T[];
  // The type is T, but T is not inferred from it (TypeScript 5.0 has no NoInfer).
  /** The first value. Default: the first of `options`. */
  readonly value?: [T][T extends unknown ? 0 : never];
}

/** A list. Made by {@link select}. */
export class Select<T extends string | number | boolean | null> extends InputWidget<T> {
  readonly options: readonly T[];

  /** Use {@link select}. @internal */
  constructor({ options, value = options[0], label = "" }: SelectOptions<T>) {
    const index = options.indexOf(value as T);
    const names = options.map(String);
    if (index < 0 && options.length > 0) {
      const received = JSON.stringify(value);
      const expected = names.join(", ");
      throw new NotebookError({ path: "select.value", message: "not one of the options", received, expected });
    }
    if (options.length === 0 || new Set(options).size < options.length) {
      const received = JSON.stringify(options);
      throw new NotebookError({ path: "select.options", message: "must have values, each once", received });
    }
    const state = { description: label, _options_labels: names, index };
    super(label, options[index]!, {
      problem: (each) => (options.includes(each) ? null : `one of ${names.join(", ")}`),
      stateOf: (each) => ({ index: options.indexOf(each) }),
      valueIn: (changes) => (typeof changes["index"] === "number" ? options[changes["index"]] : undefined),
      textOf: String,
      model: (listener) => controlModel("Dropdown", state, { style: "Description" }, listener),
    });
    this.options = options;
  }
}

/** A list of which the user picks one value. Throws a NotebookError if the list is empty or repeats a value. */
export function select<const T extends string | number | boolean | null>(options: SelectOptions<T>): Select<T> {
  return new Select(options);
}

/** Options of {@link text}. */
export interface TextOptions extends InputOptions {
  /** The first text. Default: empty. */
  readonly value?: string;
  /** Shown while it is empty. Default: nothing. */
  readonly placeholder?: string;
}

/** A line of text. @example const pattern = text({ label: "column", placeholder: "user_id" }); */
export function text({ value = "", label = "", placeholder = "" }: TextOptions = {}): InputWidget<string> {
  const state = { description: label, value, placeholder, continuous_update: true };
  return new InputWidget(label, value, {
    problem: (each) => (typeof each === "string" ? null : "a text"),
    valueIn: (changes) => (typeof changes["value"] === "string" ? changes["value"] : undefined),
    textOf: String,
    model: (listener) => controlModel("Text", state, { style: "Text" }, listener),
  });
}

/** Options of {@link toggle}. */
export interface ToggleOptions extends InputOptions {
  /** Whether it is on at first. Default: false. */
  readonly value?: boolean;
}

/** A check box. @example const log = toggle({ label: "log scale" }); */
export function toggle({ value = false, label = "" }: ToggleOptions = {}): InputWidget<boolean> {
  const state = { description: label, value, indent: false };
  return new InputWidget(label, value, {
    problem: (each) => (typeof each === "boolean" ? null : "true or false"),
    valueIn: (changes) => (typeof changes["value"] === "boolean" ? changes["value"] : undefined),
    textOf: (each) => (each ? "on" : "off"),
    model: (listener) => controlModel("Checkbox", state, { style: "Checkbox" }, listener),
  });
}

/** Options of {@link button}. */
export interface ButtonOptions {
  readonly label: string;
}

/** A button. Made by {@link button}. */
export class Button extends Widget {
  readonly label: string;
  /** @internal */
  readonly model: WidgetModel;
  readonly #listeners = new Listeners<[]>();

  /** Use {@link button}. @internal */
  constructor({ label }: ButtonOptions) {
    super();
    this.label = label;
    const message = (content: unknown): Promise<void> | undefined =>
      isObject(content) && content["event"] === "click" ? this.click() : undefined;
    this.model = controlModel("Button", { description: label }, { style: "Button" }, { message });
  }

  /** Calls `listener` at every click. Its output appears below the button's cell. Returns a function that ends this. */
  onClick(listener: () => unknown): () => void {
    return this.#listeners.add(listener);
  }

  /** Does what a click does, and waits for it. */
  async click(): Promise<void> {
    await this.#listeners.call();
  }

  /** @internal */
  lines(): readonly string[] {
    return [`[${this.label}]`];
  }
}

/**
 * A button.
 * @example
 * const again = button({ label: "Train again" });
 * again.onClick(() => console.log("clicked"));
 */
export function button(options: ButtonOptions): Button {
  return new Button(options);
}

/** Widgets in a row or column. Made by {@link row} and {@link column}. */
export class Box extends Widget {
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

/** Widgets beside each other. */
export function row(...children: readonly Widget[]): Box {
  return new Box("HBox", children);
}

/** Widgets below each other. */
export function column(...children: readonly Widget[]): Box {
  return new Box("VBox", children);
}
