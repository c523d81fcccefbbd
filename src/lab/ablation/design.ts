/** The design of a study: the variants that axes of settings and custom changes make of a model. */
import { withSwitches } from "../../core/builder/with-modules.js";
import { withTraining } from "../../core/builder/with-training.js";
import { SpecError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { assertValid } from "../../core/spec/validate/model.js";
import { specFault } from "../../core/train/saved/spec-shape.js";
import { stringLiteral } from "../../core/util/code-text.js";
import { deepFreeze } from "../../core/util/json.js";
import { didYouMean } from "../../core/util/names.js";
import { grouped } from "../../core/util/text.js";
import { effectiveSpec } from "./effective-spec.js";

/** Changes one setting of a spec by its path. The path must exist: nothing is added silently. */

const settingRoots: readonly string[] = ["epnet", "ppnet", "switches", "train", "groups", "towers", "features"];

/** The caller validates the result. @throws SpecError for an unknown path, with similar names */
export function applySetting(spec: ModelSpec, path: string, value: unknown): ModelSpec {
  const [root = "", ...rest] = path.split(".");
  if (root === "epnet" || root === "ppnet")
    return changed(spec, { [root]: assigned(path, root, spec[root], rest, value) });
  if (root === "switches") return withSwitches(spec, { [member(path, root, spec.switches, rest)]: value });
  if (root === "train") return trained(spec, path, rest, value);
  if (root === "groups") return regrouped(spec, path, rest, value);
  if (root === "towers") return changed(spec, { towers: everyNamed(path, root, spec.towers, rest, value) });
  if (root === "features") return changed(spec, { features: everyNamed(path, root, spec.features, rest, value) });
  throw nowhere(path, root, settingRoots);
}

function changed(spec: ModelSpec, change: object): ModelSpec {
  return deepFreeze({ ...spec, ...change });
}

function trained(spec: ModelSpec, path: string, rest: readonly string[], value: unknown): ModelSpec {
  const { training } = spec;
  const [name = "", ...inner] = rest;
  if (name === "seed") {
    throw new SpecError({ path, message: "every variant uses the study's seeds", fix: "use { seeds: [1, 2, 3] }" });
  }
  if (inner.length === 0) return withTraining(spec, { [name]: value });
  if (name !== "dense" && name !== "sparse") throw nowhere(path, name, ["dense", "sparse"]);
  return changed(spec, { training: { ...training, [name]: assigned(path, name, training[name], inner, value) } });
}

function regrouped(spec: ModelSpec, path: string, rest: readonly string[], value: unknown): ModelSpec {
  const groupNames = spec.groups.map(({ name }) => name as string);
  const [name = ""] = rest;
  if (rest.length !== 1 || !groupNames.includes(name)) throw nowhere(path, name, groupNames);
  const groups = spec.groups.map((group) => (group.name === name ? { ...group, features: value } : group));
  return changed(spec, { groups });
}

function everyNamed<Item extends { readonly name: string }>(
  path: string,
  root: string,
  items: readonly Item[],
  rest: readonly string[],
  value: unknown,
): readonly unknown[] {
  const names = items.map((item) => item.name);
  // Names may contain dots, so this finds the longest name that is a prefix of the path.
  const text = rest.join(".");
  const [longest] = names.filter((each) => text.startsWith(`${each}.`)).sort((x, y) => y.length - x.length);
  const name = longest ?? rest[0] ?? "";
  const inner = text.slice(name.length + 1).split(".");
  if (name !== "*" && !names.includes(name)) throw nowhere(path, name, names);
  const chosen = items.filter((item) => (name === "*" ? has(item, inner) : item.name === name));
  if (chosen.length === 0) throw nowhere(path, inner.join("."), membersOf(items[0]));
  return items.map((item) =>
    chosen.includes(item) ? assigned(path, `${root}.${item.name}`, item, inner, value) : item,
  );
}

/** `*` selects those that have the member, such as features with a table for the dimension, or towers with layers. */
function has(item: object, inner: readonly string[]): boolean {
  const owner = inner.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], item);
  const last = inner.at(-1) ?? "";
  if (typeof owner !== "object" || owner === null || !(last in owner)) return false;
  return last !== "embeddingDim" || (item as { embeddingDim?: number | null }).embeddingDim !== null;
}

function assigned(path: string, at: string, target: object, keys: readonly string[], value: unknown): object {
  const [key = "", ...inner] = keys;
  const members = membersOf(target);
  if (!members.includes(key)) throw nowhere(path, key, members);
  const old = (target as Record<string, unknown>)[key];
  if (inner.length === 0) return { ...target, [key]: key === "dropout" && typeof value === "number" ? [value] : value };
  if (typeof old !== "object" || old === null || Array.isArray(old)) {
    throw new SpecError({ path, message: `${at} has no ${key} to change`, received: JSON.stringify(old) });
  }
  return { ...target, [key]: assigned(path, `${at}.${key}`, old, inner, value) };
}

function member(path: string, root: string, target: object, rest: readonly string[]): string {
  const members = Object.keys(target);
  const [name = ""] = rest;
  if (rest.length === 1 && members.includes(name)) return name;
  throw nowhere(path, rest.join(".") || root, members);
}

function membersOf(target: object | undefined): string[] {
  return Object.keys(target ?? {}).filter((key) => !["name", "kind", "extra"].includes(key));
}

function nowhere(path: string, name: string, names: readonly string[]): SpecError {
  return new SpecError({
    path,
    message: `the model has no setting "${path}"`,
    received: JSON.stringify(name),
    expected: names.length === 0 ? "none can be changed here" : `one of ${names.join(", ")}`,
    fix: didYouMean(name, names),
  });
}

/** `grid`: every combination; `one-at-a-time`: each value alone, other settings as in the model. */
export type DesignKind = "grid" | "one-at-a-time";

export type SpecChange = (spec: ModelSpec) => ModelSpec;

export type Axes = Readonly<Record<string, readonly unknown[] | SpecChange>>;

export interface WantedVariant {
  readonly name?: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly change?: SpecChange | undefined;
}

export interface Variant {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly spec: ModelSpec;
}

export interface Design {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly notes: readonly string[];
}

export const modelName = "the model";

const mostVariants = 10_000;

/** Every combination of the axes' values, or each value alone; then the custom changes. */
export function wantedVariants(axes: Axes, kind: DesignKind): WantedVariant[] {
  const lists = Object.entries(axes).flatMap(([path, values]) =>
    typeof values === "function" ? [] : [[path, values] as const],
  );
  const changes = Object.entries(axes).flatMap(([name, change]): WantedVariant[] =>
    typeof change === "function" ? [ownChange(name, change)] : [],
  );
  const alone = lists.flatMap(([path, values]) => values.map((value) => ({ settings: { [path]: value } })));
  if (kind === "one-at-a-time" || lists.length === 0) return [...alone, ...changes];
  const size = lists.reduce((product, [, values]) => product * values.length, 1);
  if (size > mostVariants) {
    throw new SpecError({
      path: "ablate",
      message: "the grid has too many variants",
      received: `${grouped(size)} combinations`,
      expected: `at most ${grouped(mostVariants)}`,
      fix: 'vary fewer settings at once, or one at a time: { design: "one-at-a-time" }',
    });
  }
  let grid: Record<string, unknown>[] = [{}];
  for (const [path, values] of lists) {
    grid = grid.flatMap((settings) => values.map((value) => ({ ...settings, [path]: value })));
  }
  return [...grid.map((settings) => ({ settings })), ...changes];
}

function ownChange(name: string, change: SpecChange): WantedVariant {
  const [root = ""] = name.split(".");
  if (!name.includes(".") || !settingRoots.includes(root)) return { name, settings: {}, change };
  throw new SpecError({
    path: name,
    message: "a function under a setting's path",
    received: `{ ${stringLiteral(name)}: (model) => … }`,
    expected: `a list of values, such as { "epnet.gamma": [1, 2, 4] }`,
    fix: "use a list, or rename the change",
  });
}

/** Omits variants that compute the same as another, with a note. @throws SpecError if one is invalid or none left */
export function designOf(spec: ModelSpec, requests: readonly WantedVariant[]): Design {
  assertValid(spec);
  const model: Variant = { name: modelName, settings: {}, spec };
  const namesBySpec = new Map([[computedBy(spec), model.name]]);
  const variants: Variant[] = [];
  const notes: string[] = [];
  for (const each of requests) {
    const variant = variantOf(spec, each);
    const same = namesBySpec.get(computedBy(variant.spec));
    if (same !== undefined)
      notes.push(`left out: ${variant.name} is ${same === modelName ? same : `"${same}"`} itself`);
    else variants.push(named(variant, [model, ...variants]));
    if (same === undefined) namesBySpec.set(computedBy(variant.spec), variant.name);
  }
  if (variants.length > 0) return { model, variants, notes };
  throw new SpecError({
    path: "ablate",
    message: "nothing to compare the model with",
    received: notes.length === 0 ? "no variants" : notes.join("; "),
    expected: "at least one variant that differs from the model",
    fix: `model.ablate(data, { variants: { "epnet.gamma": [1, 4] } })`,
  });
}

function variantOf(spec: ModelSpec, { name, settings, change }: WantedVariant): Variant {
  const entries = Object.entries(settings);
  const set = entries.reduce((at, [path, value]) => applySetting(at, path, value), spec);
  const text = entries.map(([path, value]) => `${path} ${valueText(value)}`).join(", ");
  const variantName = name ?? (text === "" ? "unnamed" : text);
  const result = change === undefined ? set : changedBy(variantName, change, set);
  const fault = specFault(result);
  if (fault !== null) {
    const received = valueText(fault.received);
    const path = `variant "${variantName}": ${fault.at}`;
    throw new SpecError({ path, message: "wrong kind of value", received, expected: fault.expected });
  }
  try {
    assertValid(result);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    throw new SpecError(
      error.problems.map((problem) => ({ ...problem, path: `variant "${variantName}": ${problem.path}` })),
    );
  }
  return {
    name: variantName,
    settings: Object.fromEntries(entries.map(([path, value]) => [path, valueText(value)])),
    spec: result,
  };
}

function changedBy(name: string, change: SpecChange, spec: ModelSpec): ModelSpec {
  const changed: unknown = change(spec);
  if (typeof changed === "object" && changed !== null && "towers" in changed) return changed as ModelSpec;
  throw new SpecError({
    path: `variant "${name}"`,
    message: "the function did not return a model",
    received: String(changed),
    expected: "the changed model",
    fix: `{ ${stringLiteral(name)}: (model) => model.epnet({ gamma: 1 }) }`,
  });
}

function named(variant: Variant, before: readonly Variant[]): Variant {
  const taken = new Set(before.map(({ name }) => name));
  let name = variant.name;
  for (let copy = 2; taken.has(name); copy++) name = `${variant.name} (${copy})`;
  return { ...variant, name };
}

function computedBy(spec: ModelSpec): string {
  return JSON.stringify(effectiveSpec(spec));
}

/** `[64, 32]`, `adam(0.001)`, `off` … */
export function valueText(value: unknown): string {
  if (value === true) return "on";
  if (value === false) return "off";
  if (value === null) return "none";
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  return objectText(optimizerOf(value) ?? value);
}

function optimizerOf(value: object): object | null {
  const { toDense, toSparse } = value as { toDense?: () => object; toSparse?: () => object };
  for (const side of [toDense, toSparse]) {
    try {
      if (side !== undefined) return side();
    } catch {
      // It lacks a setting of this side, so it belongs to the other.
    }
  }
  return null;
}

function objectText(value: object): string {
  const { kind, lr, ...rest } = value as Record<string, unknown>;
  if (typeof kind === "string")
    return lr === undefined
      ? kind + (Object.keys(rest).length === 0 ? "" : `(${pairs(rest)})`)
      : `${kind}(${valueText(lr)})`;
  return `{ ${pairs(value)} }`;
}

function pairs(value: object): string {
  return Object.entries(value)
    .map(([key, member]) => `${key} ${valueText(member)}`)
    .join(", ");
}
