/**
 * What the cells' code drew from and opened, told in the metadata of outputs, which every client saves: so a notebook
 * that JupyterLab or nbclient executed says it as well. An output tells all that the session used so far; which outputs
 * do so: those of cells that used something, and the first one after a cell that did and showed nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type MimeBundle, type Trail, trailSymbol } from "../../../port/index.js";
import { OpenedFiles, shownPath } from "../../provenance/files.js";
import type { Used } from "../../provenance/record.js";
import { readRepository } from "../../provenance/repository.js";
import type { Cell } from "./cell.js";

/** A result waits so long for the hashes of what its cell opened; those that take longer come with a later output. */
const patienceMs = 250;

/** Keeps the trail of a session. */
export class CellTrail {
  readonly #trail: Trail = { seeds: [], files: [], tables: [] };
  readonly #files = new OpenedFiles();
  readonly #used = new WeakSet<Cell>();
  #isTold = true;
  #repository: string | null = null;

  /** @param folder the notebook's */
  constructor(private readonly folder: string) {}

  /** Lets the library write to it, on behalf of the cell whose code is asking. */
  offer(currentCell: () => Cell | null): void {
    const noted = (file?: string): void => {
      const cell = currentCell();
      if (cell) this.#used.add(cell);
      this.#isTold = false;
      if (file !== undefined) this.#open(file);
    };
    Object.defineProperty(globalThis, trailSymbol, { value: { ...this.#trail, noted }, configurable: true });
  }

  /** What the metadata of a cell's next output say. */
  metadata(cell: Cell): MimeBundle {
    if (this.#isTold && !this.#used.has(cell)) return {};
    this.#isTold = true;
    const { seeds, files, tables } = this.#trail;
    const nameOf = (file: string): string => shownPath(file, this.folder, this.#repository);
    const pepnet: Used = { seeds, data: [...this.#files.records(files, nameOf), ...tables] };
    return { pepnet };
  }

  /** Waits a moment for what metadata of a cell's result are to say. */
  async settled(cell: Cell): Promise<void> {
    if (!this.#isTold || this.#used.has(cell)) await Promise.race([this.#files.settled(), sleep(patienceMs)]);
  }

  #open(file: string): void {
    // Asked only now: most cells open nothing.
    if (this.#trail.files.length === 1) this.#repository = readRepository(this.folder)?.root ?? null;
    this.#files.open(file);
  }
}
