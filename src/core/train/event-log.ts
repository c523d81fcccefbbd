/**
 * A training's log for TensorBoard: TFRecords of `Event` messages, with the tags that TorchEasyRec writes (`_log_train`
 * and `_evaluate` in tzrec/main.py): training in the folder, evaluations in its `eval_val`.
 */
import { type FileHandle, open } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { Writer } from "protobufjs/minimal";
import { TrainError } from "../errors/index.js";
import type { EvaluationPoint } from "../metrics/learning-curves.js";
import type { TaskMetrics } from "../metrics/types.js";
import type { ModelSpec, TowerSpec } from "../spec/model.js";
import { type Crc, crcOf } from "../util/crc.js";
import { makeFolders } from "../util/files/make-folders.js";
import type { HistoryPoint, Progress, TrainProgress } from "./loop/recorder.js";

export class EventLog {
  #points: number;
  #evaluations: number;
  #lastTime = Date.now() / 1000;
  #writes: Promise<void> = Promise.resolve();
  #failure: Error | null = null;

  private constructor(
    private readonly spec: ModelSpec,
    private readonly training: FileHandle,
    private readonly evaluating: FileHandle,
    from: TrainProgress | null,
  ) {
    this.#points = from?.history.points.length ?? 0;
    this.#evaluations = from?.history.evaluations.length ?? 0;
  }

  /** A log that continues `from` discards later events that are in the folder. @throws TrainError if it cannot write */
  static async open(folder: string, spec: ModelSpec, from: TrainProgress | null): Promise<EventLog> {
    try {
      const first = from === null ? 0 : from.steps + 1;
      const training = await openFile(folder, first);
      return new EventLog(spec, training, await openFile(path.join(folder, "eval_val"), first), from);
    } catch (cause) {
      throw new TrainError({
        path: "fit: tensorboard",
        message: "cannot write event files in this folder; nothing was trained",
        received: `${folder}: ${(cause as Error).message}`,
        expected: "a folder for TensorBoard's event files",
        fix: "choose a writable folder",
        cause,
      });
    }
  }

  /** Writes new events. A failed write ends the log, not the training. */
  take({ history: { points, evaluations } }: Progress): void {
    const now = Date.now() / 1000;
    const { seconds = 0 } = points.at(-1) ?? {};
    const logged = points.slice(this.#points).map((point) => {
      // Steps are reported with a varying delay, so no event may be dated before the previous one.
      this.#lastTime = Math.max(this.#lastTime, now - seconds + point.seconds);
      return summary(this.#lastTime, pointScalars(point), point);
    });
    const evaluated = evaluations.slice(this.#evaluations).map((point) => summary(now, this.#metrics(point), point));
    [this.#points, this.#evaluations] = [points.length, evaluations.length];
    this.#write(this.training, logged);
    this.#write(this.evaluating, evaluated);
  }

  /** Returns a note if the log is incomplete. */
  async close(): Promise<string[]> {
    await this.#writes;
    await Promise.allSettled([this.training.close(), this.evaluating.close()]);
    return this.#failure === null ? [] : [`the log for TensorBoard is incomplete: ${this.#failure.message}`];
  }

  #write(file: FileHandle, events: readonly Buffer[]): void {
    if (events.length === 0) return;
    this.#writes = this.#writes
      .then(async () => {
        if (this.#failure === null) await file.appendFile(Buffer.concat(events));
      })
      .catch((error: Error) => {
        this.#failure = error;
      });
  }

  #metrics({ evaluation: { tasks, domainNames } }: EvaluationPoint): Scalars {
    return tasks.flatMap((task) => {
      const tower = this.spec.towers.find(({ name }) => name === task.tower)!;
      // Of a task with a space, TorchEasyRec's tag is over all rows: what is over fewer says so, total and domains
      // alike.
      const within = task.within === null ? "" : `/within ${task.within}`;
      const total = within === "" ? [] : cellScalars(tower, task.overall, within);
      const domains = task.domains.flatMap((cell, domain) => {
        return cellScalars(tower, cell, `${within}/${domainNames[domain]}`);
      });
      return [...cellScalars(tower, task.allRows, ""), ...total, ...domains];
    });
  }
}

/** Undefined values are left out. */
type Scalars = readonly (readonly [tag: string, value: number | null | undefined])[];

function pointScalars({
  loss,
  taskLosses,
  learningRates = {},
  gradientNorm,
  rowsPerSecond,
  trainMetrics = {},
}: HistoryPoint): Scalars {
  return [
    ...Object.entries(taskLosses).map(([name, value]) => [`loss/${name}`, value] as const),
    ["loss/total", loss],
    ...Object.values(learningRates).map((rate, group) => [`lr/g${group}`, rate] as const),
    ["global_gradient_norm", gradientNorm],
    ...Object.entries(trainMetrics).map(([name, value]) => [`metric/${name}`, value] as const),
    ["rows_per_second", rowsPerSecond],
  ];
}

/** The metrics of one task, and its losses, if metrics have them. */
function cellScalars({ name, losses }: TowerSpec, cell: TaskMetrics, place: string): Scalars {
  const { auc, logLoss, meanSquaredError, configured } = cell;
  const measures = { binary_cross_entropy: logLoss, softmax_cross_entropy: logLoss, l2_loss: meanSquaredError };
  const lossValues = Object.entries(measures).filter(([kind]) => losses.some((loss) => loss.kind === kind));
  return Object.entries({ ...Object.fromEntries(lossValues), auc, ...configured }).map(
    ([metric, value]) => [`metric/${metric}_${name}${place}`, value] as const,
  );
}

let files = 0;

async function openFile(folder: string, firstStep: number): Promise<FileHandle> {
  makeFolders(folder);
  const now = Date.now() / 1000;
  const name = `events.out.tfevents.${Math.floor(now)}.${hostname()}.${process.pid}.${files++}`;
  const file = await open(path.join(folder, name), "wx");
  const version = event(now, 0, (writer) => writer.uint32(26).string("brain.Event:2"));
  // A session's start: readers discard events of this step and later ones.
  const start = event(now, firstStep, (writer) => writer.uint32(58).fork().uint32(8).int32(1).ldelim());
  await file.appendFile(Buffer.concat([version, start]));
  return file;
}

function summary(wallTime: number, scalars: Scalars, { step }: { readonly step: number }): Buffer {
  return event(wallTime, step, (writer) => {
    writer.uint32(42).fork();
    for (const [tag, value] of scalars) {
      if (value !== null && value !== undefined)
        writer.uint32(10).fork().uint32(10).string(tag).uint32(21).float(value).ldelim();
    }
    writer.ldelim();
  });
}

/** A record: the message between its length and checksums. @param fill writes the event's content: a key and a value */
function event(wallTime: number, step: number, fill: (writer: Writer) => void): Buffer {
  const writer = Writer.create().uint32(9).double(wallTime).uint32(16).int64(step);
  fill(writer);
  const message = writer.finish();
  const record = Buffer.alloc(message.length + 16);
  record.writeBigUInt64LE(BigInt(message.length));
  record.writeUInt32LE(masked(record.subarray(0, 8)), 8);
  record.set(message, 12);
  record.writeUInt32LE(masked(message), message.length + 12);
  return record;
}

/** The checksum with Castagnoli's polynomial, as in TFRecords. */
export const crc32c: Crc = crcOf(0x82f63b78);

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
