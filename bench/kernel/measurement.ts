/** Compares the latency of the notebook kernel with plain tslab and ipykernel, also in a long session. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSnapshot } from "../../src/kernel/kernel-spec.js";
import type { Measurement, Report } from "../figure.js";
import { interleaved, median, ratio, type Work } from "../timing.js";
import { BenchKernel } from "./client.js";
import { ipykernel, type Peer, pepnet, tslab } from "./peers.js";

const longSession = 200;
/** Few enough that a session stays below 230 cells: tslab 1.0.22 stops answering at its 238th. */
const trivialCells = 10;
/** Our kernel releases memory after five idle seconds. */
const idleMs = 8_000;

/** Files of packages that must load only when used. */
const heavyFiles = /node_modules.(@tensorflow|plotly|jsdom|onnxruntime|@duckdb|protobufjs)/;

/** `kernel`. */
export const kernelMeasurement: Measurement = {
  name: "kernel",
  async run(report) {
    const python = ipykernel();
    const peers: Record<string, Peer> = { pepnet, tslab: tslab(), ...(python && { ipykernel: python }) };
    await coldStart(peers, report);
    await sessions(peers, report);
  },
};

/** Times from the start of the process to the first result; the kernels take turns. */
async function coldStart(peers: Readonly<Record<string, Peer>>, report: Report): Promise<void> {
  const builder = buildSnapshot();
  builder?.ref();
  if (builder !== null) await once(builder, "exit");
  const works = Object.entries(peers).map(([name, peer]): [string, Work] => [name, () => firstResult(peer)]);
  const times = await interleaved(Object.fromEntries(works), { warmUp: 1, rounds: 7 });
  reportTimes("kernel.cold-start", times, report);
}

async function firstResult(peer: Peer): Promise<void> {
  const kernel = await BenchKernel.start(peer.argv);
  const { text } = await kernel.run("6 * 7");
  await kernel.end();
  if (!text.includes("42")) throw new Error(`6 * 7 gave ${text}`);
}

/** Times trivial cells early and late in a session; the kernels take turns. */
async function sessions(peers: Readonly<Record<string, Peer>>, report: Report): Promise<void> {
  const kernels: Record<string, BenchKernel> = {};
  for (const [name, { argv }] of Object.entries(peers)) kernels[name] = await BenchKernel.start(argv);
  const ours = kernels["pepnet"]!;
  report("kernel.heavy-modules-before-use", await heavyModules(ours), "count");
  await ours.run("pepnet().spec.features.length"); // the library's types are part of what cells cost
  for (const [name, { declare }] of Object.entries(peers)) await kernels[name]!.run(declare);
  const early = await trivial(peers, kernels);
  reportTimes("kernel.trivial-cell", early, report);
  const memory = ours.megabytes();
  for (let n = 0; n < longSession - 20; n++) {
    for (const [name, { fill }] of Object.entries(peers)) await kernels[name]!.run(fill(n));
  }
  const growth = ours.megabytes() - memory;
  const late = await trivial(peers, kernels);
  reportTimes(`kernel.cell-${longSession}`, late, report);
  report(`kernel.cell-${longSession}.over-first`, median(late["pepnet"]!) / median(early["pepnet"]!), "ratio");
  await sleep(idleMs);
  report("kernel.memory.start", memory, "MB");
  report(`kernel.memory.growth-over-${longSession}-cells`, growth, "MB");
  report("kernel.memory.growth-when-idle", ours.megabytes() - memory, "MB");
  await Promise.all(Object.values(kernels).map((kernel) => kernel.end()));
}

async function heavyModules(kernel: BenchKernel): Promise<number> {
  const { text } = await kernel.run(`import { createRequire } from "node:module";
    Object.keys(createRequire(process.cwd() + "/x.js").cache).filter((file) => ${heavyFiles}.test(file)).length`);
  return Number(text);
}

function trivial(
  peers: Readonly<Record<string, Peer>>,
  kernels: Readonly<Record<string, BenchKernel>>,
): Promise<Record<string, number[]>> {
  const works = Object.entries(peers).map(([name, { change }]): [string, Work] => {
    let n = 0;
    return [name, () => kernels[name]!.run(change(n++))];
  });
  return interleaved(Object.fromEntries(works), { warmUp: 3, rounds: trivialCells });
}

/** Reports each kernel's median, and ours over the others'. */
function reportTimes(figure: string, times: Readonly<Record<string, number[]>>, report: Report): void {
  for (const [name, millis] of Object.entries(times)) report(`${figure}.${name}`, median(millis), "ms");
  for (const [name, millis] of Object.entries(times)) {
    if (name !== "pepnet") report(`${figure}.pepnet-over-${name}`, ratio(times["pepnet"]!, millis), "ratio");
  }
}
