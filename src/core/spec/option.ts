/**
 * Options of a spec: their types, ranges and fields. Validation, configs and saved files follow from tables of them.
 */
import type { Problem } from "../errors/index.js";
import type { JsonObject } from "../util/json.js";
import * as is from "../util/shape.js";
import { checkEach, checkNumber, type NumberRange, show, unless } from "./validate/checks.js";

export interface OptionValues {
  readonly number: number;
  readonly "optional number": number | null;
  readonly numbers: readonly number[];
  readonly text: string;
  readonly "optional text": string | null;
  readonly texts: readonly string[];
  readonly flag: boolean;
}

/** The type of an option in configs and saved files; a list: one of these values. */
export type OptionType = keyof OptionValues | readonly (string | null)[];

export interface Option<out T = unknown> {
  readonly type: OptionType;
  /** The allowed numbers; absent: not checked here. */
  readonly range?: NumberRange | undefined;
  /** Its field in TorchEasyRec's message; absent: its name in snake case. */
  readonly field?: string | undefined;
  /** Whether a spec may lack it, and then has TorchEasyRec's default. */
  readonly isOptional?: boolean;
  /** The type of its values; never set. */
  readonly value?: T;
}

export type OptionsOf<T> = { readonly [Name in keyof T]-?: Option<T[Name]> };

/** The options of each kind of a union, except those with a separate conversion. */
export type KindOptions<T extends { readonly kind: string }, Other extends string = never> = {
  readonly [Kind in T["kind"]]: OptionsOf<Omit<is.OfKind<T, Kind>, "kind" | Other>>;
};

type Ranged<T> = (range?: NumberRange, field?: string) => Option<T>;
type Unranged<T> = (field?: string) => Option<T>;

export const number: Ranged<number> = (range, field) => ({ type: "number", range, field });
export const optionalNumber: Ranged<number | null> = (range, field) => ({ type: "optional number", range, field });
export const numbers: Ranged<readonly number[]> = (range, field) => ({ type: "numbers", range, field });
export const text: Unranged<string> = (field) => ({ type: "text", field });
export const optionalText: Unranged<string | null> = (field) => ({ type: "optional text", field });
export const texts: Unranged<readonly string[]> = (field) => ({ type: "texts", field });
export const flag: Unranged<boolean> = (field) => ({ type: "flag", field });

export function oneOf<const T extends string>(values: readonly T[], field?: string): Option<T> {
  return { type: values, field };
}

export function optional<T>(option: Option<T>): Option<T> {
  return { ...option, isOptional: true };
}

export const positive: NumberRange = { least: 1, integer: true };

export const share: NumberRange = { least: 0, below: 1 };

/** Checks the options of an object that have a range, or a list of values. */
export function optionProblems<T>(path: string, spec: T, options: Partial<OptionsOf<T>>): Problem[] {
  return Object.entries<Option>(options as Readonly<Record<string, Option>>).flatMap(
    ([name, { type, range, isOptional }]) => {
      const at = `${path}.${name}`;
      const value = spec[name as keyof T] as never;
      if (value === undefined && isOptional) return [];
      if (typeof type !== "string") {
        return unless(type.includes(value), {
          path: at,
          message: `unknown ${name}`,
          received: show(value),
          expected: type.map(show).join(" or "),
        });
      }
      if (range === undefined || (value === null && type.startsWith("optional"))) return [];
      return type === "numbers" ? checkEach(at, value, range) : checkNumber(at, value, range);
    },
  );
}

const shapesOf = {
  number: is.number,
  "optional number": is.nullable(is.number),
  numbers: is.listOf(is.number),
  text: is.text,
  "optional text": is.nullable(is.text),
  texts: is.listOf(is.text),
  flag: is.bool,
};

export function optionShapes<T>(options: OptionsOf<T>): is.Fields<T> {
  const entries = Object.entries<Option>(options as Readonly<Record<string, Option>>);
  const shape = ({ type }: Option): is.Shape =>
    typeof type === "string" ? shapesOf[type] : is.oneOf(type as readonly string[]);
  const all = entries.map(([name, option]) => [name, option.isOptional ? is.optional(shape(option)) : shape(option)]);
  return Object.fromEntries(all) as unknown as is.Fields<T>;
}

/** Whether an object of an untrusted file has exactly these options, each of its type. */
export function hasOptions(values: JsonObject, options: object): boolean {
  return is.fits(values, is.exact(optionShapes(options as OptionsOf<unknown>)));
}
