/** Names in calls of results: those that types know, and the error for a name that does not exist. */

import { DataError } from "../core/errors/index.js";
import type { FeatureSpec } from "../core/spec/feature/feature.js";
import type { DomainsSpec, ModelSpec, TowerSpec } from "../core/spec/model.js";
import { unknownName } from "../core/spec/validate/checks.js";

/** The names that a run's calls accept; any text if types do not know them, as for an opened config. */
export interface RunNames {
  /** Features of the model. */
  readonly feature: string;
  readonly tower: string;
  readonly domain: string;
  /** Columns of the rows that it was trained or validated on. */
  readonly column: string;
  /** Changes of counterfactuals. */
  readonly change: string;
  /** Columns by tower. */
  readonly references: ReferenceColumns;
}

/** By tower: the column whose values rank the rows, such as `{ ctr: "p_clk" }`. */
export type ReferenceColumns<T extends string = string> = { readonly [Tower in T]?: string };

/** The names that a study's calls accept; any text if types do not know them. */
export interface StudyNames {
  readonly variant: string;
  readonly tower: string;
  readonly domain: string;
  /** Paths of the settings that it varied. */
  readonly setting: string;
}

/** The spec of a model with names that types know. */
export interface NamedSpec<
  out F extends string = string,
  out L extends string = string,
  out T extends string = string,
  out D extends string = string,
> extends ModelSpec {
  readonly features: readonly (FeatureSpec & { readonly name: F })[];
  readonly labels: readonly L[];
  readonly towers: readonly (TowerSpec & { readonly name: T })[];
  readonly domains: (DomainsSpec & { readonly names: readonly D[] | null }) | null;
}

/** The default for names in types that take a model or options with any names. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` fits names of every model
export type AnyName = any;

/** Names of a model; any text for a model with any names. */
export type Names<N extends string> = 0 extends 1 & N ? string : N;

/** Names from which type arguments are not inferred, so that a typo is not taken for a name. */
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
