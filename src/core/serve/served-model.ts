/** Opens an exported model: its encoders and an onnxruntime session. Loads neither TF.js nor training engines. */
import path from "node:path";
import type * as ort from "onnxruntime-node";
import { sequencePositions } from "../data/encoded/batches.js";
import type { BagColumn, EncodedData, IdColumn } from "../data/encoded/encoded.js";
import { loadOnnxruntime, sessionOptions } from "../engine/compiled/onnxruntime.js";
import { assertThreads } from "../engine/threads.js";
import { CheckpointError, EngineError } from "../errors/index.js";
import { readFolder } from "../train/saved/folder.js";
import { checksumsFile, namesIn, sha256 } from "../util/files/checksums.js";
import { readWhole } from "../util/files/read-whole.js";
import { interruptible, throwIfInterrupted } from "../util/interrupt.js";
import { type Handling, Pool, Pooled } from "../util/pooled.js";
import { clipped } from "../util/text.js";
import {
  type EncodersFile,
  exportedFiles,
  exportKind,
  type FeatureEncoder,
  type IdsEncoder,
  type RowRange,
  type RowsRule,
  type SequenceColumnEncoder,
  type ServedInput,
  servedPorts,
} from "./encoder-types.js";
import { parseEncoders } from "./encoders-shape.js";
import { checkedTables, ForeignGraph } from "./graph-check.js";

/** The inputs of the rows `from` … `to` − 1, by name. */
export function servedInputs(
  features: readonly FeatureEncoder[],
  data: EncodedData,
  from: number,
  to: number,
): Map<string, ServedInput> {
  const inputs = new Map<string, ServedInput>();
  for (const feature of features) {
    const column = data.features.get(feature.name)!;
    if (column.kind === "dense") {
      const values = column.values.slice(from * column.dim, to * column.dim);
      inputs.set(feature.name, { type: "float32", values, shape: [to - from, column.dim] });
    } else if (feature.kind === "sequence") addSequence(inputs, feature, column as BagColumn, { from, to });
    else addIds(inputs, feature as IdsEncoder, column, { from, to });
  }
  return inputs;
}

function addIds(
  inputs: Map<string, ServedInput>,
  { name, weights }: IdsEncoder,
  column: IdColumn | BagColumn,
  { from, to }: RowRange,
): void {
  const start = (row: number): number => (column.kind === "ids" ? row : column.offsets[row]!);
  let width = 1;
  for (let row = from; row < to; row++) width = Math.max(width, start(row + 1) - start(row));
  const ids = new BigInt64Array((to - from) * width).fill(-1n);
  const factors = new Float32Array(weights === null ? 0 : ids.length).fill(1);
  for (let row = from; row < to; row++) {
    const first = start(row);
    for (let at = first; at < start(row + 1); at++) {
      const place = (row - from) * width + at - first;
      ids[place] = BigInt(column.ids[at]!);
      if (weights !== null && column.kind === "bag" && column.weights !== null) factors[place] = column.weights[at]!;
    }
  }
  const shape = [to - from, width];
  inputs.set(name, { type: "int64", values: ids, shape });
  if (weights !== null) inputs.set(weights, { type: "float32", values: factors, shape });
}

/** Adds a sequence's positions, and their numbers if the graph needs them. */
export function addSequence(
  inputs: Map<string, ServedInput>,
  encoder: SequenceColumnEncoder,
  column: BagColumn,
  { from, to }: RowRange,
): void {
  const width = encoder.several ? null : encoder.rows === null ? encoder.dim : 1;
  const rows = Array.from({ length: to - from }, (_, at) => sequencePositions(column, from + at, width));
  const longest = rows.reduce((most, positions) => Math.max(most, positions.length), 1);
  inputs.set(encoder.name, encoder.rows === null ? numbers(encoder, rows, longest) : ids(encoder, rows, longest));
  if (encoder.length === null) return;
  const values = BigInt64Array.from(rows, (positions) => BigInt(positions.length));
  inputs.set(encoder.length, { type: "int64", values, shape: [rows.length] });
}

type Positions = readonly ArrayLike<number>[];

function numbers({ dim }: SequenceColumnEncoder, rows: readonly Positions[], longest: number): ServedInput {
  const values = new Float32Array(rows.length * longest * dim);
  for (const [row, positions] of rows.entries())
    for (const [at, position] of positions.entries()) values.set(position, (row * longest + at) * dim);
  return { type: "float32", values, shape: [rows.length, longest, dim] };
}

function ids({ several }: SequenceColumnEncoder, rows: readonly Positions[], longest: number): ServedInput {
  const width = rows.flat().reduce((most, { length }) => Math.max(most, length), 1);
  const values = new BigInt64Array(rows.length * longest * width).fill(-1n);
  for (const [row, positions] of rows.entries())
    for (const [at, position] of positions.entries())
      for (let item = 0; item < position.length; item++)
        values[(row * longest + at) * width + item] = BigInt(position[item]!);
  return { type: "int64", values, shape: several ? [rows.length, longest, width] : [rows.length, longest] };
}

/** A loaded model for prediction. */
export interface OpenModel {
  readonly encoders: EncodersFile;
  /** Every output of every row, by name: [rows], or [rows, classes]. */
  predict(data: EncodedData): Promise<ReadonlyMap<string, Float32Array>>;
  /** Waits for running predictions, then frees the session. Repeated calls do nothing. */
  release(): Promise<void>;
}

const pieceRows = 2048;

/** Largest number of open sessions; each has separate threads. */
const sessions = new Pool(4);

/** @throws CheckpointError if a file is missing or damaged; EngineError if onnxruntime-node is not installed */
export async function openModel(folder: string, threads: number): Promise<OpenModel> {
  assertThreads(threads);
  await assertExported(folder);
  const files = await readFolder(
    folder,
    exportKind,
    [exportedFiles.model, exportedFiles.encoders],
    [exportedFiles.priors],
  );
  const encoders = parseEncoders(folder, new TextDecoder().decode(files.get(exportedFiles.encoders)));
  const bytes = files.get(exportedFiles.model)!;
  assertRows(folder, encoders, tablesIn(folder, bytes));
  const { InferenceSession, Tensor } = await loadOnnxruntime();
  const open = (model: Uint8Array) => InferenceSession.create(model, sessionOptions(threads));
  const opened = await open(bytes).catch((cause: Error) => {
    throw otherModel(folder, firstLine(cause), cause);
  });
  assertAgree(folder, opened, encoders);
  const session = await Pooled.of(sessions, handling(folder, sha256(bytes), open), opened);
  const model: OpenModel = {
    encoders,
    predict: (data) =>
      session.use((running) => interruptible(() => predictRows(running, Tensor, encoders, data, folder))),
    release: () => session.dispose(),
  };
  session.freeWith(model);
  return model;
}

async function predictRows(
  session: ort.InferenceSession,
  Tensor: typeof ort.Tensor,
  { features, outputs }: EncodersFile,
  data: EncodedData,
  folder: string,
): Promise<Map<string, Float32Array>> {
  const results = new Map(outputs.map(({ name, classes }) => [name, new Float32Array(data.rows * classes)]));
  for (let from = 0; from < data.rows; from += pieceRows) {
    throwIfInterrupted();
    const to = Math.min(from + pieceRows, data.rows);
    const feeds = [...servedInputs(features, data, from, to)].map(([name, { type, values, shape }]) => [
      name,
      new Tensor(type, values as Float32Array, shape),
    ]);
    const tensors = await session.run(Object.fromEntries(feeds)).catch((cause: Error) => {
      throw otherModel(folder, firstLine(cause), cause);
    });
    for (const { name, classes } of outputs) {
      const values = tensors[name]?.data;
      if (!(values instanceof Float32Array) || values.length !== (to - from) * classes) {
        throw otherModel(folder, `${values?.length ?? "no"} values of ${name} for ${to - from} rows`);
      }
      results.get(name)?.set(values, from * classes);
    }
  }
  return results;
}

function tablesIn(folder: string, bytes: Uint8Array): ReadonlyMap<string, number> {
  try {
    return checkedTables(bytes);
  } catch (error) {
    if (!(error instanceof ForeignGraph)) throw error;
    throw new CheckpointError({
      path: path.join(folder, exportedFiles.model),
      message: "the file has a part that exported models do not have",
      received: error.message,
      expected: "an ONNX model that run.export() or pepnet export wrote",
      fix: "export the run again",
      cause: error,
    });
  }
}

/** @throws CheckpointError if an encoder can yield a row beyond its table */
function assertRows(folder: string, { features }: EncodersFile, tables: ReadonlyMap<string, number>): void {
  for (const { name, ...feature } of features) {
    const rows = "rows" in feature ? feature.rows : null;
    const size = tables.get(name);
    if (rows === null || size === undefined) continue;
    const last = lastRow(rows);
    if (last < size) continue;
    throw new CheckpointError({
      path: `${path.join(folder, exportedFiles.encoders)}: features.${name}.rows`,
      message: "the encoder has rows beyond the embedding table",
      received: `row ${last}`,
      expected: `rows from 0 to ${size - 1}`,
      fix: "export the run again",
    });
  }
}

function lastRow(rows: RowsRule): number {
  if (rows.kind === "buckets") return Math.max(rows.count - 1, rows.outside);
  if (rows.kind === "hash") return rows.size - 1;
  if (rows.kind === "boundaries") return rows.boundaries.length;
  return Object.values(rows.values).reduce((most, row) => Math.max(most, row), rows.outside);
}

/** @throws CheckpointError if the graph and the encoders differ in the names or widths of inputs or outputs */
function assertAgree(folder: string, session: ort.InferenceSession, { features, outputs }: EncodersFile): void {
  const { inputNames, outputNames } = session;
  const made = features.flatMap((feature) => servedPorts(feature).map(({ name }) => name));
  const unfed = inputNames.find((name) => !made.includes(name));
  if (unfed !== undefined) throw otherModel(folder, `an input "${unfed}" without an encoder`);
  const absent = outputs.find(({ name }) => !outputNames.includes(name));
  if (absent !== undefined) throw otherModel(folder, `no output "${absent.name}"`);
  const widths = new Map(
    [...session.inputMetadata, ...session.outputMetadata].map((info) => [info.name, outputWidth(info)]),
  );
  const other = [
    ...features.flatMap(servedPorts).flatMap(({ name, shape }) => {
      const width = shape.at(-1);
      return typeof width === "number" ? [{ name, width }] : [];
    }),
    ...outputs.map(({ name, classes }) => ({ name, width: classes })),
  ].find(({ name, width }) => (widths.get(name) ?? width) !== width);
  if (other !== undefined)
    throw otherModel(folder, `${other.name} has ${widths.get(other.name)} columns, not ${other.width}`);
}

/** Last dimension of a tensor of rows; `null` if the graph does not define it. */
function outputWidth(info: ort.InferenceSession.ValueMetadata): number | null {
  if (!info.isTensor) return null;
  const columns = info.shape.length < 2 ? 1 : info.shape.at(-1);
  return typeof columns === "number" && columns > 0 ? columns : null;
}

function otherModel(folder: string, received: string, cause?: unknown): CheckpointError {
  return new CheckpointError({
    path: path.join(folder, exportedFiles.model),
    message: "the graph does not match its encoders",
    received,
    expected: "an ONNX model that run.export() or pepnet export wrote, with its encoders.json",
    fix: "export the run again",
    cause,
  });
}

function firstLine(error: Error): string {
  return clipped(error.message.split("\n")[0] ?? "", 300);
}

function handling(
  folder: string,
  hash: string,
  open: (model: Uint8Array) => Promise<ort.InferenceSession>,
): Handling<ort.InferenceSession> {
  return {
    async putAway(session) {
      // Without a session the bytes stay in memory, since the folder may be deleted before it is reopened.
      const bytes = await readWhole(path.join(folder, exportedFiles.model), "weights");
      if (sha256(bytes) !== hash) throw new Error("the folder now has another model");
      await session.release();
      return () => open(bytes);
    },
    free: (session) => session.release(),
    freed: () =>
      new EngineError({
        path: folder,
        message: "the model was disposed of",
        fix: `open it again: await loadModel(${JSON.stringify(folder)})`,
      }),
  };
}

async function assertExported(folder: string): Promise<void> {
  const names = await namesIn(folder);
  if (names.includes(exportedFiles.encoders) && (names.includes(exportedFiles.model) || names.includes(checksumsFile)))
    return;
  throw new CheckpointError({
    path: folder,
    message: "no exported model found",
    received: names.length === 0 ? "no such folder, or an empty one" : names.slice(0, 5).join(", "),
    expected: "a folder written by run.export() or pepnet export",
    fix: names.includes("run.json") ? "this is a run: export it first, or predict with --run" : "check the path",
  });
}
