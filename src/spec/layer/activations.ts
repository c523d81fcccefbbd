/**
 * Activations by PyTorch's names, as TorchEasyRec configs write them: `nn.ReLU`, `nn.LeakyReLU(negative_slope=0.2)`.
 * Read here without TF.js, so that a spec is checked, and a worker thread plans, without loading it.
 */
import { SpecError } from "../../errors/index.js";
import { listNames, nearNames } from "../../util/text/near.js";
import { show } from "../validate/checks.js";

/** An activation with its arguments, defaults filled in. */
export interface Activation {
  /** PyTorch's class name, such as `LeakyReLU`. */
  readonly name: ActivationName;
  readonly options: Readonly<Record<string, number | boolean | string>>;
}

const noOptions = {};

/** The activations that run here. */
export type ActivationName =
  | "Identity"
  | "ReLU"
  | "ReLU6"
  | "LeakyReLU"
  | "ELU"
  | "SELU"
  | "CELU"
  | "GELU"
  | "SiLU"
  | "Mish"
  | "Sigmoid"
  | "LogSigmoid"
  | "Hardsigmoid"
  | "Hardswish"
  | "Hardtanh"
  | "Tanh"
  | "Tanhshrink"
  | "Hardshrink"
  | "Softshrink"
  | "Softplus"
  | "Softsign";

/** Their arguments, with PyTorch's defaults. */
const known: Readonly<Record<ActivationName, Activation["options"]>> = {
  Identity: noOptions,
  ReLU: noOptions,
  ReLU6: noOptions,
  LeakyReLU: { negative_slope: 0.01 },
  ELU: { alpha: 1 },
  SELU: noOptions,
  CELU: { alpha: 1 },
  GELU: { approximate: "none" },
  SiLU: noOptions,
  Mish: noOptions,
  Sigmoid: noOptions,
  LogSigmoid: noOptions,
  Hardsigmoid: noOptions,
  Hardswish: noOptions,
  Hardtanh: { min_val: -1, max_val: 1 },
  Tanh: noOptions,
  Tanhshrink: noOptions,
  Hardshrink: { lambd: 0.5 },
  Softshrink: { lambd: 0.5 },
  Softplus: { beta: 1, threshold: 20 },
  Softsign: noOptions,
};

/** Their names as a config writes them. */
export const activationNames: readonly string[] = Object.keys(known).map((name) => `nn.${name}`);

/** Arguments that PyTorch takes and that change no number. */
const ignored = new Set(["inplace"]);

/** What TorchEasyRec builds and this library does not: a config keeps it, a model of it is refused by name. */
const elsewhere: Readonly<Record<string, string>> = {
  Dice: "it learns weights of its own and keeps a batch norm's statistics",
  "nn.PReLU": "it learns weights of its own",
  "nn.RReLU": "it draws random slopes",
  "nn.Threshold": "its two arguments have no defaults",
  "nn.Softmax": "it mixes a layer's units",
  "nn.Softmin": "it mixes a layer's units",
  "nn.LogSoftmax": "it mixes a layer's units",
};

/**
 * Reads `nn.Name` or `nn.Name(key=value, …)`; an empty text is the identity.
 * @param text such as `nn.LeakyReLU(negative_slope=0.2)`
 * @param path where it stands, for the error: `ppnet.activation`
 * @throws SpecError naming the near activations, or the arguments that one takes.
 */
export function parseActivation(text: string, path: string): Activation {
  if (text.trim() === "") return { name: "Identity", options: {} };
  const match = /^\s*(?:torch\.)?(?:nn\.)?(\w+)\s*(?:\((.*)\))?\s*$/s.exec(text);
  const name = match?.[1];
  if (name === undefined || !text.includes("nn.") || !Object.hasOwn(known, name)) {
    refuseElsewhere(text, path);
    const [near] = nearNames(`nn.${name ?? text}`, activationNames);
    throw new SpecError({
      path,
      message: `unknown activation ${show(text)}`,
      received: show(text),
      expected: `one of ${listNames(activationNames)}`,
      fix: near === undefined ? undefined : `did you mean "${near}"?`,
    });
  }
  const defaults = known[name as ActivationName];
  const options = { ...defaults, ...parseArguments(match?.[2] ?? "", Object.keys(defaults), text, path) };
  return { name: name as ActivationName, options };
}

/** @throws SpecError where TorchEasyRec knows the activation, and a near name would mislead. */
function refuseElsewhere(text: string, path: string): void {
  const name = text
    .trim()
    .replace(/^torch\./, "")
    .replace(/\s*\(.*$/s, "");
  if (!Object.hasOwn(elsewhere, name)) return;
  throw new SpecError({
    path,
    message: `the activation ${name} is TorchEasyRec's, but is not computed here: ${elsewhere[name]}`,
    received: show(text),
    expected: `one of ${listNames(activationNames)}`,
    fix: "choose another activation to train here; a config that is only printed or edited keeps this one",
  });
}

function parseArguments(
  list: string,
  names: readonly string[],
  text: string,
  path: string,
): Record<string, number | string> {
  const options: Record<string, number | string> = {};
  for (const [index, part] of list
    .split(",")
    .map((p) => p.trim())
    .filter((p) => p !== "")
    .entries()) {
    const [left, right] = part.includes("=") ? part.split("=", 2).map((p) => p.trim()) : [names[index], part];
    if (left !== undefined && ignored.has(left)) continue;
    const value = /^(['"]).*\1$/.test(right ?? "") ? (right ?? "").slice(1, -1) : Number(right);
    if (left === undefined || !names.includes(left) || (typeof value === "number" && Number.isNaN(value))) {
      throw new SpecError({
        path,
        message: `an argument of the activation ${JSON.stringify(text)} cannot be read`,
        received: part,
        expected: names.length === 0 ? "no arguments" : names.map((n) => `${n}=…`).join(", "),
      });
    }
    options[left] = value;
  }
  return options;
}
