/**
 * Records the seeds and files that cells used in the metadata of outputs. Every client saves that metadata, so
 * notebooks executed by JupyterLab or nbclient contain it too. An output lists everything that the session used so far;
 * it is added to outputs of cells that used something, and to the first output after such a cell without outputs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type MimeBundle, type Trail, trailSymbol } from "../../port/index.js";
import { OpenedFiles, shownPath } from "../opened-files.js";
import type { Used } from "../provenance.js";
import { readRepository } from "../repository.js";
import type { Cell } from "./cell.js";

/** How long a result waits for the hashes of its cell's files; slower hashes appear in a later output. */
const patienceMs = 250;

export class CellTrail {
  readonly #trail: Trail = { seeds: [], files: [], tables: [] };
  readonly #files = new OpenedFiles();
  readonly #used = new WeakSet<Cell>();
  #isReported = true;
  #repository: string | null = null;

  constructor(private readonly folder: string) {}

  offer(currentCell: () => Cell | null): void {
    const noted = (file?: string): void => {
      const cell = currentCell();
      if (cell) this.#used.add(cell);
      this.#isReported = false;
      if (file !== undefined) this.#open(file);
    };
    Object.defineProperty(globalThis, trailSymbol, { value: { ...this.#trail, noted }, configurable: true });
  }

  metadata(cell: Cell): MimeBundle {
    if (this.#isReported && !this.#used.has(cell)) return {};
    this.#isReported = true;
    const { seeds, files, tables } = this.#trail;
    const relativeName = (file: string): string => shownPath(file, this.folder, this.#repository);
    const pepnet: Used = { seeds, data: [...this.#files.records(files, relativeName), ...tables] };
    return { pepnet };
  }

  async settled(cell: Cell): Promise<void> {
    if (!this.#isReported || this.#used.has(cell)) await Promise.race([this.#files.settled(), sleep(patienceMs)]);
  }

  #open(file: string): void {
    // Checked only now: most cells open nothing.
    if (this.#trail.files.length === 1) this.#repository = readRepository(this.folder)?.root ?? null;
    this.#files.open(file);
  }
}
