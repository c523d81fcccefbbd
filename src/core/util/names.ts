/** Lists of names, and the names that a mistyped one may mean. */
import { getOrMake } from "./growing.js";

export function firstRepeated(names: readonly string[]): string | undefined {
  const distinct = new Set<string>();
  return names.find((name) => distinct.size === distinct.add(name).size);
}

/** `"a", "b", "c"`, truncated after twelve. */
export function listNames(names: readonly string[]): string {
  const firstNames = names.slice(0, 12).map((name) => `"${name}"`);
  return names.length > 12 ? `${firstNames.join(", ")} … (${names.length} in all)` : firstNames.join(", ");
}

const manyCandidates = 1000;
/** The number of names compared with one long list of candidates; later names get no suggestions. */
const mostNames = 50;
/** Longer names are not compared: the time grows with the product of both lengths. */
const longestName = 200;

/** Caches suggestions from long lists, so that ten thousand misspelt features are not compared with as many columns. */
const nearestByList = new WeakMap<readonly string[], Map<string, readonly string[]>>();

/** The candidates closest to `name` by edit distance, nearest first: at most three, within a maximum distance. */
export function nearNames(name: string, candidates: Iterable<string>): readonly string[] {
  const list = Array.isArray(candidates) ? (candidates as readonly string[]) : [...candidates];
  if (name.length > longestName) return [];
  if (list.length <= manyCandidates) return nearest(name, list);
  const nearestByName = getOrMake(nearestByList, list, () => new Map<string, readonly string[]>());
  if (!nearestByName.has(name) && nearestByName.size < mostNames) nearestByName.set(name, nearest(name, list));
  return nearestByName.get(name) ?? [];
}

function nearest(name: string, candidates: readonly string[]): readonly string[] {
  const reach = Math.max(2, Math.floor(name.length / 3));
  const lower = name.toLowerCase();
  return [...new Set(candidates)]
    .filter((candidate) => Math.abs(candidate.length - name.length) <= reach)
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `did you mean "a" or "b"?`, or `undefined` if no candidate is similar. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const near = nearNames(name, candidates);
  return near.length === 0 ? undefined : `did you mean ${near.map((n) => `"${n}"`).join(" or ")}?`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
