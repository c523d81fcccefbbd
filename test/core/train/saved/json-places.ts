/** Places in a JSON tree, to take each part away or to put something else there. */

/** A place: the way to it, and what holds it. */
export interface JsonPlace {
  readonly path: readonly (string | number)[];
  readonly key: string | number;
  readonly parent: unknown;
}

/** Every place below the root. */
export function jsonPlaces(value: unknown, path: readonly (string | number)[] = []): JsonPlace[] {
  if (typeof value !== "object" || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, child]) => [
    { path: [...path, key], key, parent: value },
    ...jsonPlaces(child, [...path, key]),
  ]);
}

/** The tree with another part at a place; `undefined`: without it. */
export function withAt(value: unknown, path: readonly (string | number)[], part: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  if (Array.isArray(value)) {
    if (rest.length === 0 && part === undefined) return value.filter((_, index) => index !== key);
    return value.map((each, index) => (index === key ? withAt(each, rest, part) : each));
  }
  const entries = Object.entries(value as object).map(([name, child]): [string, unknown] => [
    name,
    name === key ? withAt(child, rest, part) : child,
  ]);
  return Object.fromEntries(entries.filter(([name, child]) => name !== key || rest.length > 0 || child !== undefined));
}
