/** Names in calls of results: those that types know, and the error for one that does not exist. */

import { DataError } from "../errors/index.js";
import type { FeatureSpec } from "../spec/feature/feature.js";
import type { DomainsSpec, ModelSpec, TowerSpec } from "../spec/model.js";
import { unknownName } from "../spec/validate/checks.js";

/** The names that a run's calls accept; any text where types do not know them, as for an opened config. */
export interface RunNames<
  F extends string = string,
  T extends string = string,
  D extends string = string,
  C extends string = string,
  X extends string = string,
> {
  /** Features of the model. */
  readonly feature: F;
  readonly tower: T;
  readonly domain: D;
  /** Columns of the rows that it was trained or validated on. */
  readonly column: C;
  /** Changes of counterfactuals. */
  readonly change: X;
}

/** The names that a study's calls accept; any text where types do not know them. */
export interface StudyNames<
  V extends string = string,
  T extends string = string,
  D extends string = string,
  P extends string = string,
> {
  readonly variant: V;
  readonly tower: T;
  readonly domain: D;
  /** Paths of the settings that it varied. */
  readonly setting: P;
}

/** The spec of a model whose names types know. */
export interface NamedSpec<
  F extends string = string,
  L extends string = string,
  T extends string = string,
  D extends string = string,
> extends ModelSpec {
  readonly features: readonly (FeatureSpec & { readonly name: F })[];
  readonly labels: readonly L[];
  readonly towers: readonly (TowerSpec & { readonly name: T })[];
  readonly domains: (DomainsSpec & { readonly names: readonly D[] | null }) | null;
}

/** The default of names in types that take a model, or options, with any names. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` fits names of every model
export type AnyName = any;

/** Names of a model; any text for a model with any names. */
export type Names<N extends string> = 0 extends 1 & N ? string : N;

/** Names that no argument of this type is inferred from, so that a typo is not taken for a name. */
export type Fixed<N extends string> = [N][N extends unknown ? 0 : never];

/** The place of a name. Throws a DataError with the names that exist. @param call such as `evaluation.auc` */
export function placeOf(call: string, kind: string, name: unknown, names: readonly string[]): number {
  const place = names.indexOf(name as string);
  if (place >= 0) return place;
  const problem = unknownName(`${call}: ${kind}`, kind, String(name), names);
  throw new DataError(names.length > 0 ? problem : { ...problem, expected: `nothing: there is no ${kind} here` });
}

/** The place of a domain (or of a group of rows), by its name or number. Throws as {@link placeOf} does. */
export function domainPlace(call: string, domain: string | number, names: readonly string[], kind = "domain"): number {
  if (typeof domain === "number" && Number.isInteger(domain) && domain >= 0 && domain < names.length) return domain;
  if (typeof domain !== "number" || names.length === 0) return placeOf(call, kind, domain, names);
  const problem = unknownName(`${call}: ${kind}`, kind, String(domain), names);
  throw new DataError({ ...problem, expected: `${problem.expected}, or a number from 0 to ${names.length - 1}` });
}

/** A cell of a task: over all rows, or of a domain. */
interface CellsOfTask<Cell> {
  readonly tower: string;
  readonly overall: Cell;
  readonly domains: readonly Cell[];
}

/** The cell of a task over all rows, or in a domain. Throws a DataError for an unknown tower or domain. */
export function taskCell<Cell>(
  call: string,
  tasks: readonly CellsOfTask<Cell>[],
  domainNames: readonly string[],
  {
    tower,
    domain,
    kind,
  }: { readonly tower: string; readonly domain: string | number | undefined; readonly kind?: string },
): Cell {
  const task =
    tasks[
      placeOf(
        call,
        "tower",
        tower,
        tasks.map((each) => each.tower),
      )
    ]!;
  return domain === undefined ? task.overall : task.domains[domainPlace(call, domain, domainNames, kind)]!;
}
