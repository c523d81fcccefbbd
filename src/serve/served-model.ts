/** An exported model, read back: its encoders and an onnxruntime session. TF.js and the training engines are not loaded. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type * as ort from "onnxruntime-node";
import type { EncodedData } from "../data/index.js";
import { loadOnnxruntime } from "../engine/compiled/onnx/onnxruntime.js";
import { sessionOptions } from "../engine/compiled/onnx/session-options.js";
import { assertThreads } from "../engine/threads.js";
import { CheckpointError, EngineError } from "../errors/index.js";
import { readFolder } from "../train/saved/folder/read-folder.js";
import { checksumsFile } from "../util/atomic/manifest.js";
import { type Handling, Pool, Pooled } from "../util/pooled.js";
import { readWhole } from "../util/read-whole.js";
import type { EncodersFile } from "./encoders.js";
import { exportedFiles, exportKind } from "./files.js";
import { servedInputs } from "./inputs.js";

/** A model that predicts. */
export interface OpenModel {
  /** What `encoders.json` holds. */
  readonly encoders: EncodersFile;
  /** Every output of every row, by name: [rows], or [rows, classes]. */
  predict(data: EncodedData): Promise<ReadonlyMap<string, Float32Array>>;
  /** Waits for predictions that are under way, then frees the session. May be called again. */
  release(): Promise<void>;
}

/** Rows that are computed at once. */
const pieceRows = 2048;

/** Each has threads of its own. */
const sessions = new Pool(4);

/**
 * Opens a folder that {@link exportModel} wrote.
 *
 * @throws CheckpointError where there is none, or a file of it is not what was written; EngineError where onnxruntime-node
 * is not installed
 */
export async function openModel(folder: string, threads: number): Promise<OpenModel> {
  assertThreads(threads);
  await assertExported(folder);
  const files = await readFolder(folder, exportKind, [exportedFiles.model, exportedFiles.encoders]);
  const encoders = parseEncoders(folder, new TextDecoder().decode(files.get(exportedFiles.encoders)));
  const { InferenceSession, Tensor } = await loadOnnxruntime();
  const bytes = files.get(exportedFiles.model) as Uint8Array;
  const open = (model: Uint8Array) => InferenceSession.create(model, sessionOptions(threads));
  const session = await Pooled.of(sessions, handling(folder, sha256(bytes), open), await open(bytes));
  const model: OpenModel = {
    encoders,
    predict: (data) => session.use((running) => predictRows(running, Tensor, encoders, data)),
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
): Promise<Map<string, Float32Array>> {
  const results = new Map(outputs.map(({ name, classes }) => [name, new Float32Array(data.rows * classes)]));
  for (let from = 0; from < data.rows; from += pieceRows) {
    const to = Math.min(from + pieceRows, data.rows);
    const feeds = [...servedInputs(features, data, from, to)].map(
      ([name, { type, values, width }]): [string, ort.Tensor] => [
        name,
        new Tensor(type, values as Float32Array, [to - from, width]),
      ],
    );
    const given = await session.run(Object.fromEntries(feeds));
    for (const { name, classes } of outputs) {
      (results.get(name) as Float32Array).set((given[name] as ort.Tensor).data as Float32Array, from * classes);
    }
  }
  return results;
}

function handling(
  folder: string,
  hash: string,
  open: (model: Uint8Array) => Promise<ort.InferenceSession>,
): Handling<ort.InferenceSession> {
  return {
    async putAway(session) {
      // The bytes are in memory while there is no session: the folder may be gone when it is opened again.
      const bytes = await readWhole(path.join(folder, exportedFiles.model), "weights");
      if (sha256(bytes) !== hash) throw new Error("another model is there now");
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

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function assertExported(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  if (names.includes(exportedFiles.encoders) && (names.includes(exportedFiles.model) || names.includes(checksumsFile)))
    return;
  throw new CheckpointError({
    path: folder,
    message: "there is no exported model",
    received: names.length === 0 ? "no such folder, or an empty one" : names.slice(0, 5).join(", "),
    expected: "a folder that run.export() or pepnet export wrote",
    fix: names.includes("run.json") ? "this is a run: export it first, or predict with --run" : "check the path",
  });
}

function parseEncoders(folder: string, text: string): EncodersFile {
  const file = JSON.parse(text) as EncodersFile; // as it was written: its checksum was compared
  if (file.format === "pepnet.encoders" && file.version === 1) return file;
  throw new CheckpointError({
    path: folder,
    message: "this version of pepnet does not know the form of the model's encoders",
    received: `${file.format}, version ${file.version}`,
    expected: "pepnet.encoders, version 1",
    fix: "export the run again, or take the version of pepnet that wrote it",
  });
}
