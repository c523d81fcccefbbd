/**
 * Reads the `.proto` files of `src/config/proto`, which are part of the package.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type protobufjs from "protobufjs";
import { packageRoot } from "../../util/files/package-root.js";

/** Imports in the files are relative to this folder, as with `protoc -I`. */
const folder = path.join(packageRoot, "src", "config", "proto");

/** Loads a file and all its imports into one root. Field names keep their spelling. */
export function readProtos(protobuf: typeof protobufjs, file: string): protobufjs.Root {
  const root = new protobuf.Root();
  const files = new Set([file]);
  for (const name of files) {
    const { imports } = protobuf.parse(readFileSync(path.join(folder, name), "utf8"), root, { keepCase: true });
    for (const imported of imports ?? []) files.add(imported);
  }
  root.resolveAll();
  return root;
}
