/** Loads onnxruntime-node, which is optional: its install script downloads from outside the registry and may fail. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type * as ort from "onnxruntime-node";
import { EngineError, type Problem } from "../../errors/index.js";
import { packageFolderIn } from "../../util/files/package-version.js";
import type { EngineName } from "../engine.js";

const name = "onnxruntime-node";

export interface Platform {
  readonly platform: string;
  readonly arch: string;
  readonly musl: boolean;
}

/** Why onnxruntime cannot be loaded, and a fix if there is one; `null` if it can. Does not load it. */
export function onnxruntimeProblem(
  { platform, arch, musl }: Platform = thisPlatform(),
  folder: string | null = packageFolderIn(__dirname, name),
): Pick<Problem, "message" | "fix"> | null {
  if (folder === null) {
    const { optionalDependencies } = require("../../../../package.json") as {
      optionalDependencies: Record<string, string>;
    };
    return {
      message: `${name}, which runs compiled and exported models, is not installed`,
      fix:
        `npm install --ignore-scripts ${name}@${optionalDependencies[name]} ` +
        '(its install script only downloads CUDA, which is not used here); or train with engine: "wasm"',
    };
  }
  const fix = 'train with engine: "wasm"';
  if (musl) return { message: `${name} needs glibc, which this Linux does not have`, fix };
  const binaries = path.join(folder, "bin");
  const versions = existsSync(binaries) ? readdirSync(binaries) : [];
  if (versions.some((version) => existsSync(path.join(binaries, version, platform, arch)))) return null;
  return { message: `${name} has no binary for ${platform} ${arch}`, fix };
}

/** @throws EngineError if onnxruntime-node is not installed or has no binary for this machine; does not load it */
export function assertOnnxruntime(): void {
  const problem = onnxruntimeProblem();
  if (problem === null) return;
  throw new EngineError({
    path: "options.engine",
    expected:
      "an optional dependency that npm installs with pepnet, unless its install script fails or optional dependencies are omitted",
    ...problem,
  });
}

export async function loadOnnxruntime(): Promise<typeof ort> {
  assertOnnxruntime();
  return import("onnxruntime-node");
}

function thisPlatform(): Platform {
  const { platform, arch } = process;
  return { platform, arch, musl: platform === "linux" && !hasGlibc() };
}

let glibc: boolean | null = null;

function hasGlibc(): boolean {
  if (glibc !== null) return glibc;
  const report = process.report as { excludeNetwork?: boolean };
  report.excludeNetwork = true; // looking up the host's interfaces may take seconds
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  glibc = header.glibcVersionRuntime !== undefined;
  return glibc;
}

export function sessionOptions(threads: number): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // Memory patterns of earlier batches would use a quarter more memory without a benefit.
    enableMemPattern: false,
    // Errors are thrown. By default onnxruntime also prints them, with untrusted names that could control a terminal.
    logSeverityLevel: 4,
    // Threads that spin while they wait occupy the core of the notebook's thread.
    extra: {
      session: { intra_op: { allow_spinning: "0" } },
      optimization: { disable_specified_optimizers: "MatMulScaleFusion" },
    },
  };
}

export interface DefaultEngine {
  readonly name: EngineName;
  readonly note: string | null;
}

/** `compiled`; `wasm`, with a note, if onnxruntime cannot be loaded. */
export function defaultEngine(problem: { readonly message: string } | null = onnxruntimeProblem()): DefaultEngine {
  if (problem === null) return { name: "compiled", note: null };
  return { name: "wasm", note: `${problem.message}; the slower engine "wasm" is used (docs/package.md)` };
}
