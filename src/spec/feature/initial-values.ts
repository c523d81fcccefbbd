/**
 * Initial values of embedding tables: PyTorch's initializers, as `init_fn` of a config names them
 * (`nn.init.uniform_,a=-0.01,b=0.01`).
 */

/** A distribution of initial values. */
export type InitialValues =
  /** U(−bound, bound). */
  | { readonly kind: "uniform"; readonly bound: number }
  /** U(low, high). */
  | { readonly kind: "between"; readonly low: number; readonly high: number }
  /** N(mean, deviation²) within ±limits around zero; no limits: missing. */
  | {
      readonly kind: "normal";
      readonly mean?: number;
      readonly deviation: number;
      readonly low?: number;
      readonly high?: number;
    }
  | { readonly kind: "constant"; readonly value: number };

type Arguments = Readonly<Record<string, string>>;

/** The distribution for a table's rows and columns; `null` for an initializer or an argument that is not known here. */
export function initialValues(text: string, rows: number, dim: number): InitialValues | null {
  const [name = "", ...parts] = text.split(",").map((part) => part.trim());
  const kind = /^(?:torch\.)?nn\.init\.(\w+)$/.exec(name)?.[1] ?? "";
  const settings = Object.fromEntries(parts.filter((part) => part !== "").map((part) => part.split("=").map(trimmed)));
  const make = Object.hasOwn(makers, kind) ? makers[kind] : undefined;
  if (make === undefined || !Object.keys(settings).every((key) => make.names.includes(key))) return null;
  const values = make.values(settings, { rows, dim });
  return values !== null && Object.values(values).every((value) => !Number.isNaN(value)) ? values : null;
}

function trimmed(text: string): string {
  return text.trim().replace(/^(['"])(.*)\1$/, "$2");
}

interface Shape {
  readonly rows: number;
  readonly dim: number;
}

interface Maker {
  /** The names of its arguments. */
  readonly names: readonly string[];
  readonly values: (settings: Arguments, shape: Shape) => InitialValues | null;
}

const number = (settings: Arguments, name: string, usual: number): number => {
  const text = settings[name];
  if (text === undefined) return usual;
  return text === "" ? Number.NaN : Number(text);
};

/** Xavier's deviation: gain · √(2 / (rows + columns)). */
const xavier = (settings: Arguments, { rows, dim }: Shape): number =>
  number(settings, "gain", 1) * Math.sqrt(2 / (rows + dim));

/** Kaiming's deviation: the gain of the activation over √fan; PyTorch's `fan_in` of a table is its columns. */
function kaiming(settings: Arguments, { rows, dim }: Shape): number {
  const { mode = "fan_in", nonlinearity = "leaky_relu" } = settings;
  const gains: Readonly<Record<string, number>> = {
    leaky_relu: Math.sqrt(2 / (1 + number(settings, "a", 0) ** 2)),
    relu: Math.SQRT2,
    linear: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    selu: 3 / 4,
  };
  const fan = { fan_in: dim, fan_out: rows }[mode];
  return (gains[nonlinearity] ?? Number.NaN) / Math.sqrt(fan ?? Number.NaN);
}

const kaimingNames = ["a", "mode", "nonlinearity"];

const makers: Readonly<Record<string, Maker>> = {
  uniform_: {
    names: ["a", "b"],
    values: (settings) => ({ kind: "between", low: number(settings, "a", 0), high: number(settings, "b", 1) }),
  },
  normal_: {
    names: ["mean", "std"],
    values: (settings) => ({
      kind: "normal",
      mean: number(settings, "mean", 0),
      deviation: number(settings, "std", 1),
    }),
  },
  trunc_normal_: {
    names: ["mean", "std", "a", "b"],
    values: (settings) => ({
      kind: "normal",
      mean: number(settings, "mean", 0),
      deviation: number(settings, "std", 1),
      low: number(settings, "a", -2),
      high: number(settings, "b", 2),
    }),
  },
  xavier_uniform_: {
    names: ["gain"],
    values: (settings, shape) => ({ kind: "uniform", bound: Math.sqrt(3) * xavier(settings, shape) }),
  },
  xavier_normal_: {
    names: ["gain"],
    values: (settings, shape) => ({ kind: "normal", deviation: xavier(settings, shape) }),
  },
  kaiming_uniform_: {
    names: kaimingNames,
    values: (settings, shape) => ({ kind: "uniform", bound: Math.sqrt(3) * kaiming(settings, shape) }),
  },
  kaiming_normal_: {
    names: kaimingNames,
    values: (settings, shape) => ({ kind: "normal", deviation: kaiming(settings, shape) }),
  },
  constant_: {
    names: ["val"],
    values: (settings) => ({ kind: "constant", value: number(settings, "val", Number.NaN) }),
  },
  zeros_: { names: [], values: () => ({ kind: "constant", value: 0 }) },
  ones_: { names: [], values: () => ({ kind: "constant", value: 1 }) },
};

/** The initializers that are known here. */
export const knownInitializers: readonly string[] = Object.keys(makers);
