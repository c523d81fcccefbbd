/** Compares the latency of the notebook kernel with plain tslab, on which it is built, also in a long session. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kernelArgv, packageRoot } from "../../src/kernel/paths.js";
import type { Measurement, Report } from "../figure.js";
import { interleaved, median, ratio } from "../timing.js";
import { BenchKernel } from "./client.js";

const tslabArgv: readonly string[] = [
  process.execPath,
  path.join(packageRoot, "node_modules", "tslab", "bin", "tslab"),
  "kernel",
  "--config-path",
  "{connection_file}",
];
const longSession = 200;
/** Our kernel releases memory after five idle seconds. */
const idleMs = 8_000;

/** Files of packages that must load only when used. */
const heavyFiles = /node_modules.(@tensorflow|plotly|jsdom|onnxruntime|@duckdb|protobufjs)/;

/** `kernel`. */
export const kernelMeasurement: Measurement = {
  name: "kernel",
  async run(report) {
    await coldStart(report);
    await cells(report);
  },
};

/** Times from the start of the process to the first result; the kernels take turns. */
async function coldStart(report: Report): Promise<void> {
  await firstResult(kernelArgv, 3_000); // the first start fills the cache of compiled code
  const times = await interleaved(
    { pepnet: () => firstResult(kernelArgv), tslab: () => firstResult(tslabArgv) },
    { warmUp: 1, rounds: 7 },
  );
  report("kernel.cold-start.pepnet", median(times.pepnet), "ms");
  report("kernel.cold-start.tslab", median(times.tslab), "ms");
  report("kernel.cold-start.pepnet-over-tslab", ratio(times.pepnet, times.tslab), "ratio");
}

async function firstResult(argv: readonly string[], stayMs = 0): Promise<void> {
  const kernel = await BenchKernel.start(argv);
  const { text } = await kernel.run("6 * 7");
  if (stayMs > 0) await sleep(stayMs);
  await kernel.end();
  if (!text.includes("42")) throw new Error(`6 * 7 gave ${text}`);
}

/** Times trivial cells early and late in a session; the kernels take turns. */
async function cells(report: Report): Promise<void> {
  const [pepnet, tslab] = await Promise.all([BenchKernel.start(kernelArgv), BenchKernel.start(tslabArgv)]);
  const ours = await session(pepnet);
  const theirs = await session(tslab);
  await Promise.all([pepnet.end(), tslab.end()]);
  report("kernel.trivial-cell.pepnet", median(ours.early.map(({ millis }) => millis)), "ms");
  report("kernel.trivial-cell.tslab", median(theirs.early.map(({ millis }) => millis)), "ms");
  report("kernel.trivial-cell.beyond-type-check", median(ours.early.map(beyondCheck)), "ms");
  report("kernel.heavy-modules-before-use", ours.heavyModules, "count");
  report(`kernel.cell-${longSession}.pepnet`, median(ours.late.map(({ millis }) => millis)), "ms");
  report(`kernel.cell-${longSession}.tslab`, median(theirs.late.map(({ millis }) => millis)), "ms");
  report(`kernel.cell-${longSession}.beyond-type-check`, median(ours.late.map(beyondCheck)), "ms");
  report(`kernel.memory.start`, ours.memory, "MB");
  report(`kernel.memory.growth-over-${longSession}-cells`, ours.growth, "MB");
  report("kernel.memory.growth-when-idle", ours.kept, "MB");
}

interface Cells {
  readonly early: readonly Timed[];
  readonly late: readonly Timed[];
  /** Number of loaded files of TF.js, Plotly and similar packages after the library's names were defined. */
  readonly heavyModules: number;
  readonly memory: number;
  readonly growth: number;
  /** Memory growth that remains after an idle period. */
  readonly kept: number;
}

interface Timed {
  readonly millis: number;
  /** Compile time in milliseconds, as reported by our kernel. */
  readonly check: number;
}

async function session(kernel: BenchKernel): Promise<Cells> {
  const { text } = await kernel.run(`import { createRequire } from "node:module";
    Object.keys(createRequire(process.cwd() + "/x.js").cache).filter((file) => ${heavyFiles}.test(file)).length`);
  await kernel.run("let total = 0;");
  const early = await trivialCells(kernel, 0);
  const memory = kernel.megabytes();
  for (let n = 0; n < longSession - 20; n++) {
    await kernel.run(
      `function double${n}(x: number) { return 2 * x; }\nconst value${n} = { n: ${n}, text: "cell ${n}" };`,
    );
  }
  const late = await trivialCells(kernel, longSession);
  const growth = kernel.megabytes() - memory;
  await sleep(idleMs);
  return { early, late, heavyModules: Number(text), memory, growth, kept: kernel.megabytes() - memory };
}

async function trivialCells(kernel: BenchKernel, from: number): Promise<Timed[]> {
  const timed: Timed[] = [];
  for (let n = 0; n < 10; n++) {
    const { millis, reply } = await kernel.run(`total += ${from + n};\ntotal`);
    timed.push({ millis, check: Number((reply.metadata["pepnet"] as { compileMs?: number })?.compileMs ?? 0) });
  }
  return timed;
}

function beyondCheck({ millis, check }: Timed): number {
  return millis - check;
}
