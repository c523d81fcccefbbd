/** Validates a stack of layers: a tower's MLP or PPNet's layers. */
import { type Problem, SpecError } from "../../errors/index.js";
import { listNames, nearNames } from "../../util/names.js";
import { grouped } from "../../util/text.js";
import type { MlpSpec } from "../mlp.js";
import { type ModelSpec, towersPerTask } from "../model.js";
import { type OptionsOf, optionProblems } from "../option.js";
import { mlpOptions } from "../tables.js";
import { show, unless } from "./checks.js";

/** Activations by PyTorch's names, as in configs: `nn.LeakyReLU(negative_slope=0.2)`. Parsed without TF.js. */

/** A parsed activation with all arguments; defaults are filled in. */
export interface Activation {
  readonly name: ActivationName;
  readonly options: Readonly<Record<string, number | boolean | string>>;
}

/** The supported activations: the arguments of each, with PyTorch's defaults. */
const defaultOptions = {
  Identity: {},
  ReLU: {},
  ReLU6: {},
  LeakyReLU: { negative_slope: 0.01 },
  ELU: { alpha: 1 },
  SELU: {},
  CELU: { alpha: 1 },
  GELU: { approximate: "none" },
  SiLU: {},
  Mish: {},
  Sigmoid: {},
  LogSigmoid: {},
  Hardsigmoid: {},
  Hardswish: {},
  Hardtanh: { min_val: -1, max_val: 1 },
  Tanh: {},
  Tanhshrink: {},
  Hardshrink: { lambd: 0.5 },
  Softshrink: { lambd: 0.5 },
  Softplus: { beta: 1, threshold: 20 },
  Softsign: {},
  PReLU: { num_parameters: 1, init: 0.25 },
  Dice: {},
} as const;

export type ActivationName = keyof typeof defaultOptions;

/** TorchEasyRec's activation, which PyTorch lacks. */
const dice = "Dice";

export const activationNames: readonly string[] = Object.keys(defaultOptions).map((name) =>
  name === dice ? name : `nn.${name}`,
);

/** PyTorch arguments that do not change the result. */
const ignored = new Set(["inplace"]);

/** Activations that only TorchEasyRec supports: a config keeps them, a model with one is rejected. */
const elsewhere: Readonly<Record<string, string>> = {
  "nn.RReLU": "it draws random slopes",
  "nn.Threshold": "its two arguments have no defaults",
  "nn.Softmax": "it mixes the units of a layer",
  "nn.Softmin": "it mixes the units of a layer",
  "nn.LogSoftmax": "it mixes the units of a layer",
};

/** Parses `nn.Name(key=value, …)`; empty: the identity. @throws SpecError with similar names or valid arguments */
export function parseActivation(text: string, path: string): Activation {
  if (text.trim() === "") return { name: "Identity", options: {} };
  if (text.trim() === dice) return { name: dice, options: {} };
  const match = /^\s*(?:torch\.)?(?:nn\.)?(\w+)\s*(?:\((.*)\))?\s*$/s.exec(text);
  const name = match?.[1];
  if (name === undefined || name === dice || !text.includes("nn.") || !Object.hasOwn(defaultOptions, name)) {
    refuseElsewhere(text, path);
    const [near] = name === dice ? [dice] : nearNames(`nn.${name ?? text}`, activationNames);
    throw new SpecError({
      path,
      message: `unknown activation ${show(text)}`,
      received: show(text),
      expected: `one of ${listNames(activationNames)}`,
      fix: near === undefined ? undefined : `did you mean "${near}"?`,
    });
  }
  const defaults = defaultOptions[name as ActivationName];
  const options = { ...defaults, ...parseArguments(match?.[2] ?? "", Object.keys(defaults), text, path) };
  if ("num_parameters" in options && options.num_parameters !== 1) {
    const message = "a slope for each unit is not supported here, only in TorchEasyRec: one slope serves all units";
    throw new SpecError({ path, message, received: show(text), expected: "num_parameters=1", fix: "nn.PReLU" });
  }
  return { name: name as ActivationName, options };
}

/** @throws SpecError if only TorchEasyRec supports the activation, because a suggestion would mislead */
function refuseElsewhere(text: string, path: string): void {
  const name = text
    .trim()
    .replace(/^torch\./, "")
    .replace(/\s*\(.*$/s, "");
  if (!Object.hasOwn(elsewhere, name)) return;
  throw new SpecError({
    path,
    message: `the activation ${name} is not supported here, only in TorchEasyRec: ${elsewhere[name]}`,
    received: show(text),
    expected: `one of ${listNames(activationNames)}`,
    fix: "choose another activation to train here; a config that you only print or edit keeps this one",
  });
}

function parseArguments(list: string, names: readonly string[], text: string, path: string) {
  const options: Record<string, number | string> = {};
  const parts = list.split(",").map((part) => part.trim());
  for (const [index, part] of parts.filter((each) => each !== "").entries()) {
    const [left, right] = part.includes("=") ? part.split("=", 2).map((p) => p.trim()) : [names[index], part];
    if (left !== undefined && ignored.has(left)) continue;
    const value = /^(['"]).*\1$/.test(right ?? "") ? (right ?? "").slice(1, -1) : Number(right);
    if (left === undefined || !names.includes(left) || (typeof value === "number" && Number.isNaN(value))) {
      throw new SpecError({
        path,
        message: `cannot parse an argument of the activation ${JSON.stringify(text)}`,
        received: part,
        expected: names.length === 0 ? "no arguments" : names.map((n) => `${n}=…`).join(", "),
      });
    }
    options[left] = value;
  }
  return options;
}

/** The maximum number of domains. 300 domains take a minute to compile. */
export const mostDomains = 1000;

/** The maximum number of towers: tasks × domains. */
const mostTowers = 2000;

export const mostLayers = 100;

/** The maximum number of listed problems of one kind: each unknown name is compared with all known names. */
export const mostListed = 20;

export function towerCountProblems(spec: ModelSpec): Problem[] {
  const towers = spec.towers.length * (spec.domains === null ? 1 : towersPerTask(spec));
  return unless(!(towers > mostTowers), {
    path: "towers",
    message: "too many towers",
    received: `${grouped(spec.towers.length)} tasks in ${grouped(towersPerTask(spec))} domains each`,
    expected: `at most ${grouped(mostTowers)} towers in all`,
    fix: "group domains, or share towers between them: .switches({ sharedTowers: true })",
  });
}

/** The problems of the first items, and the number of further problems. */
export function listed<Item>(items: readonly Item[], path: string, problemsOf: (item: Item) => Problem[]): Problem[] {
  const problems = items.slice(0, mostListed).flatMap(problemsOf);
  const more = items.length - mostListed;
  return more <= 0 ? problems : [...problems, { path, message: `${grouped(more)} more problems of this kind` }];
}

export function mlpProblems(path: string, mlp: MlpSpec): Problem[] {
  return [
    ...layerProblems(path, mlp, mlpOptions),
    ...unless(mlp.hidden.length > 0, {
      path: `${path}.hidden`,
      message: "an MLP without layers",
      received: "[]",
      expected: "hidden units, such as [256, 128, 64]",
    }),
    ...unless(!mlp.batchNorm || !mlp.layerNorm, {
      path,
      message: "batch norm and layer norm together",
      received: "batchNorm: true, layerNorm: true",
      expected: "one of the two",
    }),
  ];
}

export function layerProblems<Layers extends Pick<MlpSpec, "hidden" | "dropout" | "activation">>(
  path: string,
  layers: Layers,
  options: OptionsOf<Layers>,
): Problem[] {
  if (layers.hidden.length > mostLayers) {
    const received = `${layers.hidden.length} layers`;
    return [{ path: `${path}.hidden`, message: "too many layers", received, expected: `at most ${mostLayers}` }];
  }
  return [
    ...optionProblems(path, layers, options),
    ...unless(layers.dropout.length <= 1 || layers.dropout.length === layers.hidden.length, {
      path: `${path}.dropout`,
      message: "wrong number of dropout ratios",
      received: `${layers.dropout.length} ratios for ${layers.hidden.length} layers`,
      expected: `none, one for all layers, or ${layers.hidden.length}`,
      fix: "write one ratio, or one per layer",
    }),
    ...activationProblems(`${path}.activation`, layers.activation),
  ];
}

/** Parses the whole text with its arguments, exactly as the model will. */
function activationProblems(path: string, activation: string): readonly Problem[] {
  try {
    parseActivation(activation, path);
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
}
