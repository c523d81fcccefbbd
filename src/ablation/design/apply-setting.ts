/** Changes one setting of a spec by its path. The path must exist: nothing is added silently. */
import { withSwitches, withTraining } from "../../builder/index.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { deepFreeze } from "../../util/freeze.js";
import { didYouMean } from "../../util/text/near.js";

export const settingRoots: readonly string[] = ["epnet", "ppnet", "switches", "train", "groups", "towers", "features"];

/** The caller validates the result. @throws SpecError for an unknown path, with similar names */
export function applySetting(spec: ModelSpec, path: string, value: unknown): ModelSpec {
  const [root = "", ...rest] = path.split(".");
  switch (root) {
    case "epnet":
    case "ppnet":
      return changed(spec, { [root]: assigned(path, root, spec[root], rest, value) });
    case "switches":
      return withSwitches(spec, { [member(path, root, spec.switches, rest)]: value });
    case "train":
      return trained(spec, path, rest, value);
    case "groups":
      return regrouped(spec, path, rest, value);
    case "towers":
      return changed(spec, { towers: everyNamed(path, "towers", spec.towers, rest, value) });
    case "features":
      return changed(spec, { features: everyNamed(path, "features", spec.features, rest, value) });
    default:
      throw nowhere(path, root, settingRoots);
  }
}

function changed(spec: ModelSpec, change: object): ModelSpec {
  return deepFreeze({ ...spec, ...change });
}

function trained(spec: ModelSpec, path: string, rest: readonly string[], value: unknown): ModelSpec {
  const { training } = spec;
  const [name = "", ...inner] = rest;
  if (name === "seed") {
    throw new SpecError({
      path,
      message: "every variant uses the study's seeds",
      fix: "use { seeds: [1, 2, 3] }",
    });
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
  const name = nameIn(rest, items);
  const inner = rest
    .join(".")
    .slice(name.length + 1)
    .split(".");
  if (name !== "*" && !items.some((item) => item.name === name)) {
    throw nowhere(
      path,
      name,
      items.map((item) => item.name),
    );
  }
  const chosen = items.filter((item) => (name === "*" ? has(item, inner) : item.name === name));
  if (chosen.length === 0) throw nowhere(path, inner.join("."), membersOf(items[0]));
  return items.map((item) =>
    chosen.includes(item) ? assigned(path, `${root}.${item.name}`, item, inner, value) : item,
  );
}

/** Names may contain dots, so this finds the longest name that is a prefix of the path. */
function nameIn(rest: readonly string[], items: readonly { readonly name: string }[]): string {
  const text = rest.join(".");
  const fits = items.map(({ name }) => name).filter((name) => text.startsWith(`${name}.`));
  return fits.sort((a, b) => b.length - a.length)[0] ?? rest[0] ?? "";
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
  if (inner.length === 0) return { ...target, [key]: asMember(key, value) };
  if (typeof old !== "object" || old === null || Array.isArray(old)) {
    throw new SpecError({ path, message: `${at} has no ${key} to change`, received: JSON.stringify(old) });
  }
  return { ...target, [key]: assigned(path, `${at}.${key}`, old, inner, value) };
}

function asMember(key: string, value: unknown): unknown {
  return key === "dropout" && typeof value === "number" ? [value] : value;
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
