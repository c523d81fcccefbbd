/** The files of an exported model on disk. */
import type { FolderKind } from "../train/saved/index.js";

/** The files of an exported model. */
export const exportedFiles = { model: "model.onnx", encoders: "encoders.json", readme: "README.md" } as const;

/** An exported model's folder. */
export const exportKind: FolderKind = {
  files: Object.values(exportedFiles),
  identity: exportedFiles.encoders,
  format: "pepnet.encoders",
  version: "version",
  unlistedVersion: 0,
  called: "the exported model",
  writer: "run.export() or pepnet export",
};
