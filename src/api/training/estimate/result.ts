/** An estimate of training: seconds and bytes, and in words what to do about them. */
import type { MemoryItem, TableSize } from "../../../spec/index.js";
import type { Sheet } from "../../../tables/index.js";
import { count, duration, grouped, size } from "../../../util/text/format.js";
import { Result, tables } from "../../output/index.js";

/** Seconds with an interval: 95% by how steady the short run was, and a tenth for what it cannot see. */
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
  /** What this process would hold. */
  readonly bytes: number;
  /** Of them, the encoded rows: all if they are less than 256 MB, else what is read at a time. */
  readonly data: number;
  /** What the machine or the container has. */
  readonly available: number;
}

/** The numbers of an estimate. */
export interface EstimateParts {
  /** Rows to train on. */
  readonly rows: number;
  /** As the model's `.train(…)` says; a fraction if steps are given. */
  readonly epochs: number;
  /** Optimiser steps of the whole training. */
  readonly steps: number;
  /** What was measured on. `wholeTables`: `false` if tables were cut, because the whole ones do not fit into memory. */
  readonly sample: {
    /** Rows that the short run read. */
    readonly rows: number;
    /** Steps that were measured. */
    readonly steps: number;
    /** The rows were drawn at random to fit the model, because no data were given. */
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
  /** Encoding, the first time; `null` if rows were made up: then it is not in `total`. */
  readonly encode: number | null;
  /** Start, encoding and all epochs; without evaluations. */
  readonly total: Seconds;
  /** What the process would hold, and what there is. */
  readonly memory: EstimatedMemory;
  /** The embedding tables, which a cluster would share out. */
  readonly tables: readonly TableSize[];
  /** What training holds, with the arithmetic: weights, gradients, optimisers' state. */
  readonly items: readonly MemoryItem[];
}

/** From this many seconds on training is slow, or for a cluster. */
const SLOW = 3600;
const TOO_SLOW = 24 * 3600;
/** Of the machine's memory; the rest is for the system and for surprises. */
const USABLE = 0.9;
/** Embedding tables that have a row of their own, the largest ones. */
const SHOWN_TABLES = 8;
/** The memory item that only this process has. */
const BATCH_ITEM = "a batch's inputs";

/** An estimate that shows itself. */
export class EstimateResult extends Result {
  /** The numbers as plain data. */
  readonly facts: EstimateParts;
  /** Number of rows to train on. */
  readonly rowCount: number;
  /** As the model's `.train(…)` says; a fraction if steps are given. */
  readonly epochs: number;
  /** Optimiser steps of the whole training. */
  readonly steps: number;
  /** What was measured on. */
  readonly sample: EstimateParts["sample"];
  /** One step on a full batch. */
  readonly step: Seconds;
  /** All steps of one epoch. */
  readonly epoch: Seconds;
  /** Seconds until the first step is done. */
  readonly start: number;
  /** Seconds to encode the rows the first time; `null` if rows were made up: then it is not in `total`. */
  readonly encode: number | null;
  /** Start, encoding and all epochs; without evaluations. */
  readonly total: Seconds;
  /** What the process would hold, and what there is. */
  readonly memory: EstimatedMemory;
  /** The embedding tables, which a cluster would share out. */
  readonly tables: readonly TableSize[];
  /** What training holds, with the arithmetic: weights, gradients, optimisers' state. */
  readonly items: readonly MemoryItem[];

  /** Made by `model.estimate()`. @internal */
  constructor(facts: EstimateParts) {
    super();
    this.facts = facts;
    this.rowCount = facts.rows;
    this.epochs = facts.epochs;
    this.steps = facts.steps;
    this.sample = facts.sample;
    this.step = facts.step;
    this.epoch = facts.epoch;
    this.start = facts.start;
    this.encode = facts.encode;
    this.total = facts.total;
    this.memory = facts.memory;
    this.tables = facts.tables;
    this.items = facts.items;
  }

  /** @internal */
  sheet(): Sheet {
    return estimateSheet(this.facts, this.advice, this.clusterBytes);
  }

  /** `fits`; `slow` from an hour on; `move` to a cluster if memory is too small, or from a day on. */
  get verdict(): "fits" | "slow" | "move" {
    if (this.memory.bytes > USABLE * this.memory.available || this.total.value > TOO_SLOW) return "move";
    return this.total.value > SLOW ? "slow" : "fits";
  }

  /** Embedding and dense parameters with their optimisers' state, in bytes. */
  get clusterBytes(): number {
    return this.items.filter(({ what }) => what !== BATCH_ITEM).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The verdict in a sentence. */
  get advice(): string {
    const { bytes, available } = this.memory;
    const time = `about ${duration(this.total.value)} (${interval(this.total)})`;
    const memory = `${size(bytes)} of ${size(available)}`;
    const cluster = `a cluster would hold ${size(this.clusterBytes)} of tables, parameters and optimiser state`;
    if (bytes > USABLE * available) return `move: it needs ${memory}; ${cluster}: model.toConfig()`;
    if (this.verdict === "move") return `move: it fits (${memory}), but takes ${time}; ${cluster}: model.toConfig()`;
    if (this.verdict === "slow") return `fits slowly: ${time}, ${memory}; model.toConfig() takes it to a cluster`;
    return `fits: ${time}, ${memory}`;
  }
}

/** One quantity of an estimate: seconds or bytes, and how it came about. */
interface Quantity {
  readonly what: string;
  readonly seconds?: Seconds;
  readonly bytes?: number | undefined;
  readonly how: string;
}

function estimateSheet(facts: EstimateParts, advice: string, clusterBytes: number): Sheet {
  const { rows, steps, madeUp, wholeTables } = facts.sample;
  const kind = madeUp ? "made-up rows that fit the model" : "rows of the data";
  const cut = wholeTables ? "" : ", with smaller tables, because the whole ones do not fit here";
  return tables().makeSheet<Quantity>(
    `${advice}. Measured: ${count(steps, "step")} on ${grouped(rows)} ${kind}${cut}; evaluations are not counted`,
    [
      { key: "quantity", heading: "", kind: "text", value: ({ what }) => what },
      { key: "seconds", kind: "number", value: ({ seconds }) => seconds?.value },
      { key: "low", kind: "number", value: ({ seconds }) => seconds?.low },
      { key: "high", kind: "number", value: ({ seconds }) => seconds?.high },
      { key: "bytes", kind: "number", value: ({ bytes }) => bytes },
      { heading: "estimate", kind: "text", value: quantityText },
      { key: "how", heading: "how", kind: "text", value: ({ how }) => how },
    ],
    [...timeRows(facts), ...memoryRows(facts, clusterBytes)],
  );
}

function timeRows({ rows, epochs, steps, total, epoch, step, start, encode }: EstimateParts): Quantity[] {
  const training = `training, ${count(rows, "row")} × ${Number(epochs.toFixed(2))} epochs`;
  return [
    { what: training, seconds: total, how: interval(total) },
    { what: "an epoch", seconds: epoch, how: interval(epoch) },
    { what: `a step (of ${grouped(steps)})`, seconds: step, how: interval(step) },
    { what: "until the first step is done", seconds: exactly(start), how: "each time" },
    encode === null
      ? { what: "encoding", how: "not measured: give data" }
      : { what: "encoding", seconds: exactly(encode), how: "once: it is cached" },
  ];
}

function memoryRows({ memory, items, tables: sizes }: EstimateParts, clusterBytes: number): Quantity[] {
  const largest = [...sizes].sort((a, b) => (b.parameters ?? 0) - (a.parameters ?? 0));
  const shown = largest.slice(0, SHOWN_TABLES);
  const rest = largest.length - shown.length;
  const process = `rows ${size(memory.data)}; available: ${size(memory.available)}`;
  const quantities: Quantity[] = [
    { what: "memory of this process", bytes: memory.bytes, how: process },
    { what: "on a cluster", bytes: clusterBytes, how: "tables, parameters, optimiser state" },
    ...items
      .filter(({ what }) => !what.startsWith("table ") && what !== BATCH_ITEM)
      .map(({ what, bytes, arithmetic }) => ({ what, bytes, how: arithmetic })),
    ...shown.map(({ table }) => {
      const item = items.find(({ what }) => what === `table ${table}`);
      return { what: `table ${table}`, bytes: item?.bytes, how: item?.arithmetic ?? "" };
    }),
  ];
  return rest === 0 ? quantities : [...quantities, { what: count(rest, "smaller table"), how: "" }];
}

function quantityText({ seconds, bytes }: Quantity): string {
  if (seconds !== undefined) return duration(seconds.value);
  return bytes === undefined ? "" : size(bytes);
}

function exactly(seconds: number): Seconds {
  return { value: seconds, low: seconds, high: seconds };
}

function interval({ low, high }: Seconds): string {
  return `${duration(low)} to ${duration(high)}`;
}
