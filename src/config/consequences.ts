/**
 * Filters problems of a spec that only follow from problems of its config.
 */
import type { Problem, ProblemKind } from "../errors/index.js";

/**
 * Parts of the config that declare names: if such a part cannot be read, references to its names cannot be checked.
 */
const lookUps: readonly { readonly kinds: readonly ProblemKind[]; readonly where: RegExp }[] = [
  {
    kinds: ["unknown feature", "unknown feature or label", "domain column is not a label"],
    where: /^feature_configs\[\d+\](\.\w+|\.\w+\.feature_name)?$/,
  },
  {
    kinds: ["unknown label", "unknown sample weight field", "domain column is not a label"],
    where: /^data_config(\.\w+)?$/,
  },
];

/** The problems of a spec, except those that follow from unreadable parts of its config. */
export function withoutConsequences(problems: readonly Problem[], unread: readonly Problem[]): Problem[] {
  const covered = new Set(unread.flatMap((problem) => coveredBy(problem.path)));
  return problems.filter((problem) => !covered.has(problem.path) && !isConsequence(problem, unread));
}

/** Whether a problem is a name that cannot be looked up, because a part of the config cannot be read. */
export function isConsequence({ kind }: Problem, unread: readonly Problem[]): boolean {
  if (kind === undefined) return false;
  return lookUps.some(({ kinds, where }) => kinds.includes(kind) && unread.some(({ path }) => where.test(path)));
}

/** A path, its parent, and its lists. */
function coveredBy(place: string): string[] {
  return [place, place.slice(0, Math.max(0, place.lastIndexOf("."))), ...enclosingLists(place)];
}

/** The lists that contain a path: `a[1].b` and `a` for `a[1].b[2]`. */
export function enclosingLists(place: string): string[] {
  return [...place.matchAll(/\[/g)].map(({ index }) => place.slice(0, index));
}
