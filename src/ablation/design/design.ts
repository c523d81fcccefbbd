import { SpecError } from "../../errors/index.js";
import { assertValid, type ModelSpec } from "../../spec/index.js";
import { specFault } from "../../train/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { grouped } from "../../util/text/format.js";
import { applySetting, settingRoots } from "./apply-setting.js";
import { effectiveSpec } from "./effective-spec.js";
import { settingText, valueText } from "./setting-text.js";

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
  const text = entries.map(([path, value]) => settingText(path, value)).join(", ");
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
