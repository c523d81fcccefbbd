import type { MemoryItem } from "../../nn/plan/memory.js";
import type { TableSize } from "../../spec/sizes.js";
import { count, duration, grouped, size } from "../../util/text.js";
import type { Sheet } from "../../views/view.js";
import { type FactsBase, factsBase, tables } from "../result.js";

/** Seconds with an interval: 95% from the variation of the short run, plus 10% for what it cannot measure. */
export interface Seconds {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Bytes of memory. */
export interface EstimatedMemory {
  readonly bytes: number;
  /** The part for encoded rows: all rows if they are less than 256 MB, else the rows read at a time. */
  readonly data: number;
  readonly available: number;
}

/** The numbers of an estimate. */
export interface EstimateParts {
  readonly rows: number;
  readonly epochs: number;
  readonly steps: number;
  /** The measured rows. `wholeTables`: `false` if tables were cut because the full ones do not fit into memory. */
  readonly sample: {
    readonly rows: number;
    readonly steps: number;
    /** Whether the rows were generated, because no data were passed. */
    readonly madeUp: boolean;
    readonly wholeTables: boolean;
  };
  readonly step: Seconds;
  readonly epoch: Seconds;
  /** Time until the first step is done, with the logistic regression that evaluations name. */
  readonly start: number;
  /** Time of the first encoding; `null` for generated rows: then it is not in `total`. */
  readonly encode: number | null;
  /** Start, encoding and all epochs; without evaluations. */
  readonly total: Seconds;
  readonly memory: EstimatedMemory;
  readonly tables: readonly TableSize[];
  /** The parts of training's memory and how they are computed: weights, gradients, optimiser state. */
  readonly items: readonly MemoryItem[];
}

const SLOW = 3600;
const TOO_SLOW = 24 * 3600;
const USABLE = 0.9;
const SHOWN_TABLES = 8;
const BATCH_ITEM = "inputs of a batch";

const EstimateFacts: FactsBase<EstimateParts> = factsBase();

/** An estimate with a notebook display. Made by `model.estimate()`. */
export class EstimateResult extends EstimateFacts {
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

  /** The verdict as a sentence. */
  get advice(): string {
    const { bytes, available } = this.memory;
    const time = `about ${duration(this.total.value)} (${interval(this.total)})`;
    const memory = `${size(bytes)} of ${size(available)}`;
    const cluster = `a cluster would need ${size(this.clusterBytes)} for tables, parameters and optimiser state`;
    if (bytes > USABLE * available) return `move: it needs ${memory}; ${cluster}: model.toConfig()`;
    if (this.verdict === "move") return `move: it fits (${memory}), but takes ${time}; ${cluster}: model.toConfig()`;
    if (this.verdict === "slow") return `fits slowly: ${time}, ${memory}; model.toConfig() exports it for a cluster`;
    return `fits: ${time}, ${memory}`;
  }
}

interface Quantity {
  readonly what: string;
  readonly seconds?: Seconds;
  readonly bytes?: number | undefined;
  readonly how: string;
}

function estimateSheet(facts: EstimateParts, advice: string, clusterBytes: number): Sheet {
  const { rows, steps, madeUp, wholeTables } = facts.sample;
  const kind = madeUp ? "generated rows" : "rows of the data";
  const cut = wholeTables ? "" : ", with smaller tables, because the full ones do not fit into memory";
  const times = timeRows(facts);
  const caption = `${advice}. Measured: ${count(steps, "step")} on ${grouped(rows)} ${kind}${cut}; evaluations are not counted`;
  const { col, sheetFrom } = tables();
  const sheet = sheetFrom(
    caption,
    [...times, ...memoryRows(facts, clusterBytes)],
    [
      col.text(["quantity", ""], ({ what }) => what),
      col.number(["seconds", null], ({ seconds }) => seconds?.value),
      col.number(["low", null], ({ seconds }) => seconds?.low),
      col.number(["high", null], ({ seconds }) => seconds?.high),
      col.number(["bytes", null], ({ bytes }) => bytes),
      col.text([null, "estimate"], quantityText),
      col.text("how", ({ how }) => how),
    ],
  );
  return { ...sheet, times: { title: adviceTimes(advice, facts.total), cells: times.flatMap(timeCells) } };
}

/** Where the advice holds times: `about 59 s (50 s to 1 min)`. */
function adviceTimes(advice: string, { value, low, high }: Seconds): [from: number, to: number][] {
  const texts = [value, low, high].map(duration);
  let end = advice.indexOf(`about ${texts[0]} (${texts[1]} to ${texts[2]})`);
  if (end < 0) return [];
  return texts.map((text) => {
    const from = advice.indexOf(text, end);
    end = from + text.length;
    return [from, end];
  });
}

/** The estimate, and its interval if the last column has one. */
function timeCells({ seconds, how }: Quantity, row: number): [row: number, column: number][] {
  if (seconds === undefined) return [];
  return (how === interval(seconds) ? [1, 2] : [1]).map((column) => [row, column]);
}

function timeRows({ rows, epochs, steps, total, epoch, step, start, encode }: EstimateParts): Quantity[] {
  const training = `training, ${count(rows, "row")} × ${Number(epochs.toFixed(2))} epochs`;
  return [
    { what: training, seconds: total, how: interval(total) },
    { what: "an epoch", seconds: epoch, how: interval(epoch) },
    { what: `a step (of ${grouped(steps)})`, seconds: step, how: interval(step) },
    { what: "until the first step is done", seconds: exactly(start), how: "each time" },
    encode === null
      ? { what: "encoding", how: "not measured: pass data" }
      : { what: "encoding", seconds: exactly(encode), how: "once: it is cached" },
  ];
}

function memoryRows({ memory, items, tables: sizes }: EstimateParts, clusterBytes: number): Quantity[] {
  const bySize = [...sizes].sort((a, b) => (b.parameters ?? 0) - (a.parameters ?? 0));
  const largest = bySize.slice(0, SHOWN_TABLES);
  const rest = bySize.length - largest.length;
  const process = `rows ${size(memory.data)}; available: ${size(memory.available)}`;
  const quantities: Quantity[] = [
    { what: "memory of this process", bytes: memory.bytes, how: process },
    { what: "on a cluster", bytes: clusterBytes, how: "tables, parameters, optimiser state" },
    ...items
      .filter(({ what }) => !what.startsWith("table ") && what !== BATCH_ITEM)
      .map(({ what, bytes, arithmetic }) => ({ what, bytes, how: arithmetic })),
    ...largest.map(({ table }) => {
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
