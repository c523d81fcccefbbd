/** A worker thread of a compiled engine: a host side of the model, and onnxruntime. */
import { parentPort } from "node:worker_threads";
import type { Batch, EncodedData } from "../../data/encoded.js";
import { needsWholeBatch } from "../../nn/plan.js";
import { sharedFloats } from "../../util/shared-arrays.js";
import { alone } from "../core/crew.js";
import type { Exchange } from "../core/exchange.js";
import { ModelHost } from "../core/host.js";
import { createArrays, type ModelArrays } from "../core/model-arrays.js";
import { pieceRows } from "../core/pieces.js";
import type { Runner } from "../core/runner.js";
import { reportFailure, sharedCrew, whileBusy } from "./control.js";
import { type Call, packError, type Reply, type Request, type WorkerStart } from "./messages.js";
import { createSession, type Session } from "./ort-session.js";

interface Model {
  readonly host: ModelHost;
  readonly start: WorkerStart;
  exchange: Exchange | null;
}

const port = parentPort;
const kept = new Map<number, EncodedData>();
const sessions = new Map<string, Session>();
let model: Model | null = null;

/** Returns the arrays that the other workers are handed, and nothing where there are no others. */
function begin(start: WorkerStart): ModelArrays | undefined {
  const { plan, seed, rank, size, control } = start;
  const runner: Runner = {
    fills: true,
    run: (name, inputs) => (sessions.get(name) as Session).run(inputs),
    async dispose() {},
  };
  const arrays =
    "given" in start.arrays
      ? createArrays(plan, seed, start.arrays.given, size > 1 ? sharedFloats : undefined)
      : start.arrays;
  const crew = size > 1 ? sharedCrew(control, rank, size) : alone;
  const rows = needsWholeBatch(plan) ? {} : { pieceRows };
  model = { host: new ModelHost(plan, runner, { seed, arrays, crew, ...rows }), start, exchange: null };
  return rank === 0 && size > 1 ? arrays : undefined;
}

async function answer(call: Call): Promise<unknown> {
  if (call.kind === "start") return begin(call.start);
  if (call.kind === "close") return close();
  const current = model as Model;
  const { host } = current;
  const batch = (of: { data: number; rows: Int32Array }): Batch => ({
    data: kept.get(of.data) as EncodedData,
    rows: of.rows,
  });
  switch (call.kind) {
    case "program":
      sessions.set(call.name, await createSession(call.program, current.start.threads));
      return;
    case "exchange":
      current.exchange = call.exchange;
      return;
    case "step":
      return host.step(batch(call), call.epoch, current.exchange);
    case "predict":
      return host.predict(batch(call));
    case "probe":
      return host.predict(batch(call), call.overrides);
    case "gates":
      return host.gates(batch(call));
    case "embeddings":
      return host.embeddings(batch(call));
    case "gradients":
      return host.gradients(batch(call));
    case "weights":
      return host.weights();
    case "state":
      return host.state();
    case "restore":
      return host.restore(call.state);
  }
}

async function close(): Promise<void> {
  for (const session of sessions.values()) await session.release();
}

/** The buffers of a result, which move instead of being copied. */
function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (value instanceof Map || Array.isArray(value)) for (const item of value.values()) buffersIn(item, found);
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) buffersIn(item, found);
  return found;
}

async function handle(request: Request): Promise<void> {
  if ("keep" in request) {
    kept.set(request.keep, request.data);
    return;
  }
  if ("forget" in request) {
    kept.delete(request.forget);
    return;
  }
  const { id, call } = request;
  let reply: Reply;
  try {
    const start = model?.start;
    const result =
      start === undefined ? await answer(call) : await whileBusy(start.control, start.rank, () => answer(call));
    reply = { id, result };
  } catch (error) {
    // Only in a step do others wait for this one.
    if (model !== null && call.kind === "step") reportFailure(model.start.control);
    reply = { id, failure: packError(error) };
  }
  port?.postMessage(reply, "result" in reply ? [...buffersIn(reply.result)] : []);
  // The last listener gone, the thread ends by itself: it is never terminated.
  if (call.kind === "close") port?.close();
}

port?.on("message", (request: Request) => void handle(request));
