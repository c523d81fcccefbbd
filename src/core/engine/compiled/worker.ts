/** The worker thread of a compiled engine, which holds models and runs their steps and predictions. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import type { EncodedData } from "../../data/encoded/encoded.js";
import { needsWholeBatch } from "../../nn/plan/parameters.js";
import { debugFailure, sharedFloats } from "../../util/called-thread.js";
import { alone, createExchange, type Exchange } from "../core/crew.js";
import { ModelHost } from "../core/host.js";
import type { Runner } from "../core/outputs.js";
import { pieceRows } from "../core/sequences.js";
import { createArrays, type ModelArrays } from "../core/weight-store.js";
import type { GateGammas, ReadBatch } from "../engine.js";
import { Company } from "./company.js";
import {
  type Call,
  packError,
  type Reply,
  type Request,
  reportFailure,
  sharedCrew,
  type TrainedSteps,
  type WorkerStart,
  whileBusy,
} from "./control.js";
import { createSession, type Session } from "./ort-session.js";

interface Model {
  readonly host: ModelHost;
  readonly start: WorkerStart;
  exchange: Exchange | null;
}

const port = parentPort;
const dataByKey = new Map<number, EncodedData>();
const sessions = new Map<string, Session>();
const models = new Map<number, Model>();
let company: Company | null = null;

/** Returns the arrays for the other workers, or nothing if there are none. */
function begin(start: WorkerStart, member: number): ModelArrays | undefined {
  const { plan, seed, rank, size, control } = start;
  const runner: Runner = {
    run: (name, inputs) =>
      name === "train" && company !== null ? company.run(inputs) : sessions.get(name)!.run(inputs),
  };
  const arrays =
    "given" in start.arrays
      ? createArrays(plan, seed, start.arrays.given, size > 1 ? sharedFloats : undefined)
      : start.arrays;
  const crew = size > 1 ? sharedCrew(control, rank, size) : alone;
  const rows = needsWholeBatch(plan) ? {} : { pieceRows };
  models.set(member, { host: new ModelHost(plan, runner, { seed, arrays, crew, ...rows }), start, exchange: null });
  return rank === 0 && size > 1 ? arrays : undefined;
}

async function answer(call: Call): Promise<unknown> {
  const { member = 0 } = call;
  if (call.kind === "start") return begin(call.start, member);
  if (call.kind === "clear") return clear();
  if (call.kind === "train") return train(call);
  if (call.kind === "leave") return void models.delete(member);
  if (call.kind === "program") return load(call);
  const current = models.get(member)!;
  const { host } = current;
  const batch = (of: { data: number; rows: Int32Array; gammas?: GateGammas | undefined }): ReadBatch => ({
    data: dataByKey.get(of.data)!,
    rows: of.rows,
    gammas: of.gammas,
  });
  switch (call.kind) {
    case "makeExchange":
      current.exchange = createExchange(current.start.plan, current.start.size, call.room);
      return current.exchange;
    case "exchange":
      current.exchange = call.exchange;
      return;
    case "predict":
    case "probe":
      return host.inference.predict(batch(call), call.overrides);
    case "gates":
    case "attention":
      return host.inference[call.kind](batch(call));
    case "gradients":
      return host.inference.gradients(batch(call), call.choice);
    case "weights":
      return host.weights();
    case "state":
      return host.state();
    case "restore":
      return host.restore(call.state);
  }
}

async function load({ name, program }: Extract<Call, { kind: "program" }>): Promise<void> {
  const [model] = models.values(); // any of them, since all have the same threads
  const session = await createSession(program, model!.start.threads);
  sessions.set(name, session);
  if (name === "joined") company = new Company(program, session);
}

async function train({ members, rows, epoch }: Extract<Call, { kind: "train" }>): Promise<TrainedSteps[]> {
  const trained = members.map(({ member, data }) => ({ ...models.get(member)!, data: dataByKey.get(data)! }));
  if (company !== null) return company.train(trained, rows, epoch);
  const [{ host, data, exchange }] = trained as [(typeof trained)[number]];
  const batches = rows.map((batch) => ({ data, rows: batch }));
  return [{ steps: await host.train(batches, epoch, exchange), failure: null }];
}

/** The maximum memory that a thread may keep while it waits for its next engine, in bytes. */
const mostHeld = 64 * 2 ** 20;

/** Releases everything. Large memory is freed immediately, because a waiting thread does not collect garbage. */
async function clear(): Promise<void> {
  for (const session of sessions.values()) await session.release();
  // Shared memory counts only in the thread that created it.
  const held =
    process.memoryUsage().arrayBuffers +
    bytesIn([...Array.from(models.values(), ({ start }) => start.arrays), ...dataByKey.values()]);
  sessions.clear();
  dataByKey.clear();
  models.clear();
  company = null;
  // Less memory is not worth it, since this also discards compiled code. It is deferred until the stack no longer
  // references the model.
  if (held > mostHeld) setImmediate(collect);
}

function collect(): void {
  setFlagsFromString("--expose-gc"); // for contexts created from now on
  (runInNewContext("gc") as () => void)();
}

async function handle(request: Request): Promise<void> {
  if ("keep" in request) {
    dataByKey.set(request.keep, request.data);
    return;
  }
  if ("forget" in request) {
    dataByKey.delete(request.forget);
    return;
  }
  if ("end" in request) {
    // Without listeners the thread ends by itself. It must never be terminated.
    port?.close();
    return;
  }
  const { id, call } = request;
  let reply: Reply;
  try {
    const start = models.values().next().value?.start; // those of a company have the same control words
    const result =
      start === undefined ? await answer(call) : await whileBusy(start.control, start.rank, () => answer(call));
    reply = { id, result };
  } catch (error) {
    // Other members wait for this one only in a step.
    const [model] = models.values();
    if (model !== undefined && call.kind === "train") reportFailure(model.start.control);
    debugFailure(error);
    reply = { id, failure: packError(error) };
  }
  port?.postMessage(reply, "result" in reply ? movableIn(reply.result) : []);
}

port?.on("message", (request: Request) => void handle(request));

export function buffersIn(value: unknown, buffers: Set<ArrayBufferLike> = new Set()): Set<ArrayBufferLike> {
  if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
  else if (value instanceof Map || Array.isArray(value)) for (const item of value.values()) buffersIn(item, buffers);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) buffersIn(item, buffers);
  return buffers;
}

/** The buffers that can be transferred to another thread instead of copied. */
export function movableIn(value: unknown): ArrayBuffer[] {
  return [...buffersIn(value)].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}

export function bytesIn(value: unknown): number {
  return [...buffersIn(value)].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
