/** Writes a trained model for other programs: an ONNX model, its encoders, and a README on how to use them. */
import path from "node:path";
import { saysEncoded } from "../data/index.js";
import type { Engine, Weights } from "../engine/index.js";
import { EngineError } from "../errors/index.js";
import { writeOnnx } from "../jit/index.js";
import { planModel } from "../nn/index.js";
import { assertReplaceable, writeFolder } from "../train/index.js";
import { grouped, size } from "../util/text/format.js";
import { exportedFiles, exportKind } from "./files.js";
import type { EncodersFile } from "./format/encoder-types.js";
import { servedGraph } from "./graph/graph.js";
import { readmeText } from "./readme.js";
import { makeEncoders } from "./served/encoders.js";

/** The result of an export. */
export interface ExportedModel {
  /** The written folder. */
  readonly folder: string;
  /** The content of `encoders.json`. */
  readonly encoders: EncodersFile;
  /** Size of the ONNX model. */
  readonly bytes: number;
}

/**
 * Writes the model that an engine predicts with into a folder, atomically; replaces an existing export.
 * @throws CheckpointError if the folder has other files or cannot be written, EngineError if the model exceeds ONNX's
 * size limit
 */
export async function exportModel(engine: Engine, folder: string): Promise<ExportedModel> {
  await assertReplaceable(path.resolve(folder), exportKind);
  const { spec } = engine;
  const weights = await engine.weights();
  assertSmallEnough(weights);
  const encoders = makeEncoders(spec, saysEncoded(spec));
  const model = writeOnnx(servedGraph(planModel(spec), weights, encoders));
  const files = {
    [exportedFiles.model]: [model],
    [exportedFiles.encoders]: `${JSON.stringify(encoders, null, 1)}\n`,
    [exportedFiles.readme]: readmeText(encoders),
  };
  await writeFolder(path.resolve(folder), files, exportKind);
  return { folder, encoders, bytes: model.length };
}

/** Protobuf counts bytes as signed 32-bit integers; some bytes are reserved for the graph. */
const mostBytes = 2 ** 31 - 2 ** 24;

function assertSmallEnough(weights: Weights): void {
  const sizes = [...weights].map(([name, { shape, data }]) => ({ name, shape, bytes: data.byteLength }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= mostBytes) return;
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  const lines = largest.map(
    ({ name, shape, bytes }) => `${name}: ${shape.map(grouped).join(" × ")} × 4 bytes = ${size(bytes)}`,
  );
  throw new EngineError({
    path: "export",
    message: "the weights are larger than an ONNX file can be; nothing was written",
    received: [size(total), ...lines].join("\n    "),
    expected: `at most ${size(mostBytes)}`,
    fix: "hash into fewer rows (.hash(n)) or use smaller embeddings; run.exportWeights(path) writes weights of any size",
  });
}
