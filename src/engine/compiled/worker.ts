/** The worker thread of a compiled engine: the host side of the model, and onnxruntime. */
import { parentPort } from "node:worker_threads";
import type { Batch, EncodedData } from "../../data/encoded.js";
import { ModelHost } from "../core/host.js";
import type { Runner } from "../core/runner.js";
import { whileBusy } from "./drain.js";
import { type Call, packError, type Reply, type Request, type WorkerStart } from "./messages.js";
import { createSession, type Session } from "./ort-session.js";

interface Model {
  readonly host: ModelHost;
  readonly threads: number;
}

const port = parentPort;
const kept = new Map<number, EncodedData>();
const sessions = new Map<string, Session>();
let model: Model | null = null;
let control: Int32Array | null = null;

function start({ plan, seed, threads, weights, control: words }: WorkerStart): void {
  const runner: Runner = {
    run: (name, inputs) => (sessions.get(name) as Session).run(inputs),
    async dispose() {},
  };
  control = words;
  model = { host: new ModelHost(plan, runner, seed, weights), threads };
}

async function answer(call: Call): Promise<unknown> {
  if (call.kind === "start") return start(call.start);
  if (call.kind === "close") return close();
  const { host, threads } = model as Model;
  const batch = (of: { data: number; rows: Int32Array }): Batch => ({
    data: kept.get(of.data) as EncodedData,
    rows: of.rows,
  });
  switch (call.kind) {
    case "program":
      sessions.set(call.name, await createSession(call.program, threads));
      return;
    case "step":
      return host.step(batch(call), call.epoch);
    case "predict":
      return host.predict(batch(call));
    case "gates":
      return host.gates(batch(call));
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
    const result = control === null ? await answer(call) : await whileBusy(control, () => answer(call));
    reply = { id, result };
  } catch (error) {
    reply = { id, failure: packError(error) };
  }
  port?.postMessage(reply, "result" in reply ? [...buffersIn(reply.result)] : []);
  // The last listener gone, the thread ends by itself: it is never terminated.
  if (call.kind === "close") port?.close();
}

port?.on("message", (request: Request) => void handle(request));
