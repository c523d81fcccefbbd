/**
 * Filters problems of a spec that only follow from problems of its config.
 */
import type { Problem } from "../errors/index.js";

/**
 * Parts of the config that declare names: if such a part cannot be read, references to its names cannot be checked.
 */
const lookUps: readonly { readonly message: RegExp; readonly where: RegExp }[] = [
  { message: /^unknown feature|^the domain column/, where: /^feature_configs\[\d+\](\.\w+|\.\w+\.feature_name)?$/ },
  { message: /^unknown (label|sample weight)|must also be a label field/, where: /^data_config(\.\w+)?$/ },
];

/** The problems of a spec, except those that follow from unreadable parts of its config. */
export function withoutConsequences(problems: readonly Problem[], unread: readonly Problem[]): Problem[] {
  const covered = new Set(unread.flatMap((problem) => coveredBy(problem.path)));
  return problems.filter((problem) => !covered.has(problem.path) && !isConsequence(problem, unread));
}

/** Whether a problem is a name that cannot be looked up, because a part of the config cannot be read. */
export function isConsequence({ message }: Problem, unread: readonly Problem[]): boolean {
  return lookUps.some((lookUp) => lookUp.message.test(message) && unread.some(({ path }) => lookUp.where.test(path)));
}

/** A path, its parent, and its lists. */
function coveredBy(place: string): string[] {
  return [place, place.slice(0, Math.max(0, place.lastIndexOf("."))), ...listsOf(place)];
}

/** The lists that contain a path: `a[1].b` and `a` for `a[1].b[2]`. */
export function listsOf(place: string): string[] {
  return [...place.matchAll(/\[/g)].map(({ index }) => place.slice(0, index));
}
