/** A slider for numbers. */
import { NotebookError, type Problem } from "../../errors/index.js";
import type { WidgetState } from "../bytes.js";
import { type InputOptions, InputWidget } from "../input.js";
import type { WidgetModel } from "../model.js";
import { controlModel } from "./parts.js";

/** Options of {@link slider}. */
export interface SliderOptions extends InputOptions {
  /** Least value. */
  readonly min: number;
  /** Largest value. */
  readonly max: number;
  /** Distance between values. Default: about a hundredth of the range. */
  readonly step?: number;
  /** The first value. Default: `min`. */
  readonly value?: number;
}

/** A slider. Made by {@link slider}. */
export class Slider extends InputWidget<number> {
  /** Least value. */
  readonly min: number;
  /** Largest value. */
  readonly max: number;
  /** Distance between values. */
  readonly step: number;
  /** @internal */
  readonly model: WidgetModel;
  readonly #digits: number;

  /** Use {@link slider}. @internal */
  constructor({ min, max, step = usualStep(min, max), value = min, label = "" }: SliderOptions) {
    const problems = sliderProblems(min, max, step, value);
    if (problems.length > 0) throw new NotebookError(problems);
    super(label, value);
    this.min = min;
    this.max = max;
    this.step = step;
    this.#digits = Math.max(decimals(step), decimals(min));
    const format = this.#digits === 0 ? "d" : `.${this.#digits}f`;
    const state = { description: label, min, max, step, value, readout_format: format, continuous_update: true };
    this.model = controlModel("FloatSlider", state, { style: "Slider", layout: { width: "420px" } }, this.listener);
  }

  /** @internal */
  protected problem(value: number): string | null {
    const fits = typeof value === "number" && value >= this.min && value <= this.max;
    return fits ? null : `a number from ${this.min} to ${this.max}`;
  }

  /** @internal */
  protected valueIn({ value }: WidgetState): number | undefined {
    // The front end adds steps up, so it sends 0.9999999999999999 for 1.
    return typeof value === "number" ? Number(value.toFixed(this.#digits)) : undefined;
  }

  /** @internal */
  protected textOf(value: number): string {
    return `${value} (${this.min} to ${this.max})`;
  }
}

/**
 * A slider. Throws a NotebookError if the numbers contradict each other.
 *
 * @example
 * const gamma = slider({ min: 0, max: 4, step: 0.1, value: 2, label: "gamma" });
 * gamma.value; // 2
 */
export function slider(options: SliderOptions): Slider {
  return new Slider(options);
}

function sliderProblems(min: number, max: number, step: number, value: number): Problem[] {
  const problem = (path: string, message: string, received: number, expected: string): Problem => ({
    path: `slider.${path}`,
    message,
    received: String(received),
    expected,
  });
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
