/** Checks that several validators share; each returns a list of problems, empty if there are none. */
import { type DataError, type NameKind, type Problem, SpecError } from "../../errors/index.js";
import { getOrMake } from "../../util/growing.js";
import { didYouMean, listNames } from "../../util/names.js";
import { clipped } from "../../util/text.js";

export function unless(condition: boolean, problem: Problem): Problem[] {
  return condition ? [] : [problem];
}

export interface NumberRange {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number | undefined;
  readonly below?: number | undefined;
  readonly integer?: boolean;
}

export function checkNumber(path: string, value: number, range: NumberRange): Problem[] {
  const { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity, integer = false } = range;
  const fits = Number.isFinite(value) && value >= least && value > above && value <= most && value < below;
  if (fits && (!integer || Number.isSafeInteger(value))) return [];
  return [{ path, message: "number out of range", received: show(value), expected: describeRange(range) }];
}

export function checkCount(path: string, value: number, least = 1): Problem[] {
  return checkNumber(path, value, { least, integer: true });
}

/** @throws an error unless the value is an integer from 1 to `most` */
export function assertCount(
  path: string,
  value: number,
  Failure: typeof SpecError | typeof DataError = SpecError,
  most?: number,
): void {
  const problems = checkNumber(path, value, { least: 1, most, integer: true });
  if (problems.length > 0) throw new Failure(problems);
}

export function checkEach(path: string, values: readonly number[], range: NumberRange): Problem[] {
  return values.flatMap((value, index) => checkNumber(`${path}[${index}]`, value, range));
}

/** Checks that a name is declared; suggests the most similar declared name as the fix. */
export function checkKnown(
  path: string,
  name: string,
  declared: readonly string[],
  kind: NameKind,
  otherwise: string,
): Problem[] {
  if (isAmong(declared, name)) return [];
  return [{ ...unknownName(path, kind, name, declared, otherwise), kind: `unknown ${kind}` }];
}

/** @param otherwise the fix if no name is similar */
export function unknownName(
  path: string,
  kind: string,
  name: string,
  names: readonly string[],
  otherwise?: string,
): Problem {
  return {
    path,
    message: `unknown ${kind} "${name}"`,
    received: show(name),
    expected: names.length === 0 ? `a declared ${kind} (none is declared)` : `one of ${listNames(names)}`,
    fix: didYouMean(name, names) ?? otherwise,
  };
}

/** Every option of a call: the compiler names one that is missing. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * Throws an error with every option not in `names`, and a suggestion for each.
 * @param otherwise the fix where no name is similar
 */
export function checkOptions(
  path: string,
  options: object,
  names: readonly string[],
  Failure: typeof SpecError = SpecError,
  otherwise?: (name: string) => string | undefined,
): void {
  const unknown = Object.keys(options).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new Failure(unknown.map((name) => unknownName(`${path}.${name}`, "setting", name, names, otherwise?.(name))));
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function isAmong(list: readonly string[], name: string): boolean {
  if (list.length < 16) return list.includes(name);
  return getOrMake(sets, list, () => new Set(list)).has(name);
}

export function checkName(path: string, name: string): Problem[] {
  if (typeof name === "string" && name.trim() !== "") return [];
  return [{ path, message: "missing name", received: show(name), expected: "a non-empty name" }];
}

/** Returns a problem per repeated name. @param each the short name of the kind */
export function checkUnique(path: string, names: readonly string[], kind: string, each: string = kind): Problem[] {
  if (new Set(names).size === names.length) return [];
  const earlierNames = new Set<string>();
  return names.flatMap((name, index) => {
    if (earlierNames.size < earlierNames.add(name).size) return [];
    const message = `duplicate ${kind} ${show(name)}`;
    const expected = `each ${each} only once`;
    return [{ path: `${path}[${index}]`, message, received: show(name), expected, fix: "remove one of them" }];
  });
}

/** A value in the user's notation; long values are truncated. */
export function show(value: unknown): string {
  return typeof value === "number" || value === undefined ? String(value) : clipped(JSON.stringify(value), 500);
}

function describeRange({ least, above, most, below, integer }: NumberRange): string {
  const kind = integer ? "an integer" : "a number";
  const bounds = [
    least === undefined ? "" : `≥ ${least}`,
    above === undefined ? "" : `> ${above}`,
    most === undefined ? "" : `≤ ${most}`,
    below === undefined ? "" : `< ${below}`,
  ].filter((text) => text !== "");
  return bounds.length === 0 ? kind : `${kind} ${bounds.join(" and ")}`;
}
