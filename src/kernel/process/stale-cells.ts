/** A cell is stale if, since it ran, a cell that assigned a name it uses ran again or is stale itself. */
import { getOrMake } from "../../core/util/growing.js";
import { isObject } from "../../core/util/json.js";
import { lastInBlock } from "../compiler/using-blocks.js";

/** The variables of a notebook that a cell reads and assigns. */
export interface CellNames {
  readonly reads: readonly string[];
  readonly assigns: readonly string[];
}

const access = /\bexports\.([\p{ID_Start}$_][\p{ID_Continue}$]*)(\s*=(?![=>]))?|\bdefine\(exports, "([^"]+)"/gu;
const ownNames: ReadonlySet<string> = new Set(["tsLastExpr", lastInBlock, "__esModule"]);

/** The names of a compiled cell, which reaches the notebook's variables as properties of `exports`. */
export function cellNames(javascript: string): CellNames {
  const [reads, assigns] = [new Set<string>(), new Set<string>()];
  for (const [, name, assignment, imported] of javascript.matchAll(access)) {
    if (imported !== undefined || assignment !== undefined) assigns.add(imported ?? name!);
    else reads.add(name!);
  }
  const others = (names: Set<string>) => [...names].filter((name) => !ownNames.has(name));
  return { reads: others(reads), assigns: others(assigns) };
}

interface Run {
  readonly at: number;
  /** The names that it reads, each with the cell that had assigned it last by then. */
  readonly sources: ReadonlyMap<string, string | undefined>;
}

/** A cell, and its names whose values are no longer those it ran with. */
export interface StaleCell {
  readonly id: string;
  readonly names: readonly string[];
}

/** The runs of a notebook's cells, each by the cell's id. */
export class StaleCells {
  readonly #runs = new Map<string, Run>();
  /** By name: the cells that assigned it, the latest last, each with the run since which its value is different. */
  readonly #assigned = new Map<string, Map<string, number>>();
  #count = 0;

  /** Notes that a cell begins. Returns what notes its end. @param value the value of a name now */
  begin(cell: string, { reads, assigns }: CellNames, value: (name: string) => unknown): () => void {
    const before = assigns.map((name) => [name, weakly(value(name))] as const);
    const at = ++this.#count;
    this.#runs.set(cell, { at, sources: new Map(reads.map((name) => [name, this.#source(name)])) });
    return () => {
      for (const [name, valueBefore] of before) {
        const cells = getOrMake(this.#assigned, name, () => new Map<string, number>());
        // Modules that are imported again are the same, so nothing that uses them is stale.
        const since = Object.is(valueBefore(), value(name)) ? (cells.get(cell) ?? at) : at;
        cells.delete(cell);
        cells.set(cell, since);
      }
    };
  }

  #source(name: string): string | undefined {
    return [...(this.#assigned.get(name)?.keys() ?? [])].at(-1);
  }

  /**
   * The stale cells among these, in their order: an assignment in a cell below is an input only if the cell ran with it.
   * A cell that is not in the list was deleted, so it can no longer run.
   */
  among(cells: readonly string[]): StaleCell[] {
    const places = new Map(cells.map((id, place) => [id, place]));
    const staleNames = new Map<string, readonly string[]>();
    const namesOf = (cell: string): readonly string[] => {
      const before = staleNames.get(cell);
      if (before !== undefined) return before;
      staleNames.set(cell, []); // cells that use names of each other
      const { at = 0, sources = new Map<string, string>() } = this.#runs.get(cell) ?? {};
      const isChanged = ([name, source]: readonly [string, string | undefined]): boolean =>
        [...(this.#assigned.get(name) ?? [])].some(([other, since]) => {
          if (other === cell) return false;
          const isInput = other === source || (places.get(other) ?? cells.length) < places.get(cell)!;
          return isInput && (since > at || (other === source && places.has(other) && namesOf(other).length > 0));
        });
      const names = [...sources].filter(isChanged).map(([name]) => name);
      staleNames.set(cell, names);
      return names;
    };
    return cells.flatMap((id) => {
      const names = namesOf(id);
      return names.length === 0 ? [] : [{ id, names }];
    });
  }
}

/** A value without keeping it in memory: a data set must be free while the next one loads. */
function weakly(value: unknown): () => unknown {
  if (typeof value !== "function" && !isObject(value) && !Array.isArray(value)) return () => value;
  const reference = new WeakRef(value);
  return () => reference.deref();
}

/** Reads a request. Throws a TypeError if it has no ids. */
export function listedCells({ cells }: { readonly cells?: unknown }): readonly string[] {
  if (Array.isArray(cells) && cells.every((id) => typeof id === "string")) return cells;
  throw new TypeError("a stale_request has `cells`, a list of the ids of cells");
}
