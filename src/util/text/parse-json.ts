/** Parses JSON from files and arguments. Refuses deep nesting, which would overflow the stack of recursive functions. */

/** The maximum nesting. JSON files of this project have about ten levels. */
const mostLevels = 100;

/** `JSON.parse` with a nesting limit. @throws Error if the text is invalid JSON or has more than 100 levels */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isDeeper(value, mostLevels)) throw new Error(`nested more than ${mostLevels} levels deep`);
  return value;
}

/** Whether a tree exceeds a number of levels. Does not recurse, so any depth is safe. */
export function isDeeper(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== "object" || each === null) continue;
      for (const child of Object.values(each)) if (typeof child === "object" && child !== null) next.push(child);
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}
