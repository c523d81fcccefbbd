/** What `model.estimate()` gives: seconds and bytes, and in words what to do about them. */
import type { MemoryItem, TableSize } from "../../../spec/index.js";
import { duration, grouped, size } from "../../../util/format.js";
import { Displayable, type DisplayBundle } from "../../output/displayable.js";

/** Seconds, and between which they lie: 95% by how steady the short run was, and a tenth for what it cannot see. */
export interface Seconds {
  /** The estimate. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** Bytes of memory. */
export interface EstimatedMemory {
  /** What this process would hold in all. */
  readonly bytes: number;
  /** Of them, the encoded rows: all where they are less than 256 MB, else what is read of them at a time. */
  readonly data: number;
  /** What the machine, or the container, has. */
  readonly available: number;
}

/** The numbers of an estimate. */
export interface EstimateParts {
  /** Rows to train on. */
  readonly rows: number;
  /** As the model's `.train(…)` says; a fraction where steps are given. */
  readonly epochs: number;
  /** Optimiser steps of the whole training. */
  readonly steps: number;
  /** What was measured on. `wholeTables`: `false` where tables were cut, since the whole ones do not fit into memory. */
  readonly sample: {
    /** Rows that the short run went through. */
    readonly rows: number;
    /** Steps that were measured. */
    readonly steps: number;
    /** The rows were drawn at random to fit the model, since no data were given. */
    readonly madeUp: boolean;
    /** The tables were as large as the model's. */
    readonly wholeTables: boolean;
  };
  /** One step on a full batch. */
  readonly step: Seconds;
  /** All steps of one epoch. */
  readonly epoch: Seconds;
  /** Until the first step is done. */
  readonly start: number;
  /** Encoding, the first time; `null` where rows were made up: then it is not in `total`. */
  readonly encode: number | null;
  /** Start, encoding and all epochs; without evaluations. */
  readonly total: Seconds;
  /** What the process would hold, against what there is. */
  readonly memory: EstimatedMemory;
  /** The embedding tables, which a cluster would share out. */
  readonly tables: readonly TableSize[];
  /** What training holds, with the arithmetic: weights, gradients, optimisers' state. */
  readonly items: readonly MemoryItem[];
}

/** From so many seconds on training is slow, and for a cluster. */
const slow = 3600;
const tooSlow = 24 * 3600;
/** Of the machine's memory, the rest being for the system and for surprises. */
const usable = 0.9;

/** An estimate that shows itself. */
export class EstimateResult extends Displayable implements EstimateParts {
  readonly rows: number;
  readonly epochs: number;
  readonly steps: number;
  readonly sample: EstimateParts["sample"];
  readonly step: Seconds;
  readonly epoch: Seconds;
  readonly start: number;
  readonly encode: number | null;
  readonly total: Seconds;
  readonly memory: EstimatedMemory;
  readonly tables: readonly TableSize[];
  readonly items: readonly MemoryItem[];

  /** Made by `model.estimate()`. @internal */
  constructor(parts: EstimateParts) {
    super();
    this.rows = parts.rows;
    this.epochs = parts.epochs;
    this.steps = parts.steps;
    this.sample = parts.sample;
    this.step = parts.step;
    this.epoch = parts.epoch;
    this.start = parts.start;
    this.encode = parts.encode;
    this.total = parts.total;
    this.memory = parts.memory;
    this.tables = parts.tables;
    this.items = parts.items;
  }

  /** `fits`; `slow` from an hour on; `move` to a cluster where memory is too small, or from a day on. */
  get verdict(): "fits" | "slow" | "move" {
    if (this.memory.bytes > usable * this.memory.available || this.total.value > tooSlow) return "move";
    return this.total.value > slow ? "slow" : "fits";
  }

  /** Embedding parameters and dense ones, with what their optimisers keep, in bytes. */
  get clusterBytes(): number {
    return this.items.filter(({ what }) => what !== "a batch's inputs").reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The verdict in a sentence. */
  get advice(): string {
    const { bytes, available } = this.memory;
    const time = `about ${duration(this.total.value)} (${duration(this.total.low)} to ${duration(this.total.high)})`;
    const memory = `${size(bytes)} of ${size(available)}`;
    const cluster = `a cluster would hold ${size(this.clusterBytes)} of tables, parameters and optimiser state`;
    if (bytes > usable * available) return `move: it wants ${memory}; ${cluster}: model.toConfig()`;
    if (this.verdict === "move") return `move: it fits (${memory}), but takes ${time}; ${cluster}: model.toConfig()`;
    if (this.verdict === "slow") return `fits slowly: ${time}, ${memory}; model.toConfig() takes it to a cluster`;
    return `fits: ${time}, ${memory}`;
  }

  /** The advice, and the numbers behind it. */
  async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../../../render/index.js");
    const { rows, steps, madeUp, wholeTables } = this.sample;
    const of = madeUp ? "made-up rows that fit the model" : "rows of the data";
    const seconds = ({ value, low, high }: Seconds): string[] => [
      duration(value),
      `${duration(low)} to ${duration(high)}`,
    ];
    const tables = [...this.tables].sort((a, b) => (b.parameters ?? 0) - (a.parameters ?? 0));
    const shown = tables.slice(0, 8);
    return tableBundle({
      caption: `${this.advice}. Measured: ${steps} steps on ${grouped(rows)} ${of}${wholeTables ? "" : ", with smaller tables, since the whole ones do not fit here"}; evaluations are not counted`,
      columns: [{ name: "" }, { name: "estimate" }, { name: "how" }],
      rows: [
        [`training, ${grouped(this.rows)} rows × ${Number(this.epochs.toFixed(2))} epochs`, ...seconds(this.total)],
        ["an epoch", ...seconds(this.epoch)],
        [`a step (of ${grouped(this.steps)})`, ...seconds(this.step)],
        ["until the first step is done", duration(this.start), "each time"],
        [
          "encoding",
          this.encode === null ? "not measured" : duration(this.encode),
          this.encode === null ? "give data" : "once: it is cached",
        ],
        [
          "memory of this process",
          size(this.memory.bytes),
          `rows ${size(this.memory.data)}; here are ${size(this.memory.available)}`,
        ],
        ["on a cluster", size(this.clusterBytes), "tables, parameters, optimisers' state"],
        ...this.items
          .filter(({ what }) => !what.startsWith("table ") && what !== "a batch's inputs")
          .map(({ what, bytes, arithmetic }) => [what, size(bytes), arithmetic]),
        ...shown.map(({ table }) => {
          const item = this.items.find(({ what }) => what === `table ${table}`);
          return [`table ${table}`, item ? size(item.bytes) : "", item?.arithmetic ?? ""];
        }),
        ...(tables.length > shown.length ? [[`${tables.length - shown.length} smaller tables`, "", ""]] : []),
      ],
    });
  }
}
