// Does with Node what cells do, as a program from a new snapshot: in its own thread, in a thread, and in one of that. start.sh
// drops a snapshot with which this fails, so a fault of Node costs a snapshot and no kernel.
const assert = require("node:assert");
const { execFileSync, fork } = require("node:child_process");
const crypto = require("node:crypto");
const { once } = require("node:events");
const { access, opendir } = require("node:fs/promises");
const http = require("node:http");
const http2 = require("node:http2");
const inspector = require("node:inspector");
const { builtinModules, isBuiltin } = require("node:module");
const net = require("node:net");
const { PerformanceObserver } = require("node:perf_hooks");
const readline = require("node:readline");
const { Readable } = require("node:stream");
const tls = require("node:tls");
const v8 = require("node:v8");
const vm = require("node:vm");
const { Worker, isMainThread, parentPort, workerData } = require("node:worker_threads");
const zlib = require("node:zlib");

/** Not in Node 20 and 22's list, which has no modules whose names need `node:`. */
const unlisted = ["node:sea", "node:sqlite", "node:test", "node:test/reporters"].filter(isBuiltin);
/** Reasons why a module cannot be loaded by any program, or by no thread. */
const unavailable = ["ERR_INSPECTOR_NOT_AVAILABLE", "ERR_NO_CRYPTO", "ERR_TRACE_EVENTS_UNAVAILABLE"];
/** Packages with native code that the library loads, in the kernel's thread or in others. */
const native = ["zeromq", "@duckdb/node-api", "@napi-rs/canvas", "@resvg/resvg-js", "onnxruntime-node"];

function loadAll() {
  for (const id of [...builtinModules, ...unlisted].filter((each) => !/^(_|internal\/)/.test(each))) {
    try {
      require(id);
    } catch (error) {
      if (!unavailable.includes(error.code)) throw error;
    }
  }
  for (const id of native) {
    try {
      require(id);
    } catch {} // missing, or without what it needs of the system, with or without a snapshot
  }
}

async function serve() {
  const server = http.createServer((_, answer) => answer.end("heard"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const [message] = await once(http.get(url), "response");
  assert.equal(String(await message.toArray()), "heard");
  assert.equal(await (await fetch(url)).text(), "heard");
  server.close().closeAllConnections();
  const streams = http2.createServer().on("stream", (stream) => stream.end("heard"));
  await once(streams.listen(0, "127.0.0.1"), "listening");
  const client = http2.connect(`http://127.0.0.1:${streams.address().port}`);
  assert.equal(String(await client.request().toArray()), "heard");
  client.close();
  streams.close();
  tls.createSecureContext();
  const echo = net.createServer((socket) => socket.pipe(socket));
  await once(echo.listen(0, "127.0.0.1"), "listening");
  const socket = net.connect(echo.address().port, "127.0.0.1");
  socket.end("heard");
  assert.equal(String(await socket.toArray()), "heard");
  echo.close();
}

async function compute() {
  const bytes = Buffer.from("bytes");
  assert.deepEqual(zlib.gunzipSync(zlib.gzipSync(bytes)), bytes);
  assert.equal(crypto.createHash("sha256").update(bytes).digest().length, 32);
  assert.equal((await globalThis.crypto.subtle.digest("SHA-256", bytes)).byteLength, 32);
  assert.deepEqual(v8.deserialize(v8.serialize(new Map([[1, bytes]]))).get(1), bytes);
  assert.equal(vm.runInNewContext("6 * 7"), 42);
  const packed = new Blob(["bytes"]).stream().pipeThrough(new CompressionStream("gzip"));
  assert.equal(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text(), "bytes");
  const measured = new Promise((resolve) => {
    new PerformanceObserver((_, observer) => resolve(observer.disconnect())).observe({ entryTypes: ["measure"] });
  });
  performance.measure("since the start");
  await measured;
  const session = new inspector.Session();
  session.connect();
  session.post("Profiler.enable");
  session.disconnect();
}

async function readAndStart() {
  await access(__filename);
  for await (const _ of await opendir(__dirname));
  for await (const line of readline.createInterface({ input: Readable.from(["a line\n"]) })) assert.equal(line, "a line");
  assert.equal(execFileSync(process.execPath, ["-p", "6 * 7"], { encoding: "utf8" }), "42\n");
  const child = fork(__filename, ["--answer"]);
  const [[message]] = await Promise.all([once(child, "message"), once(child, "exit")]); // in either order
  assert.equal(message, "heard");
}

async function inThread(depth) {
  const thread = new Worker(__filename, { workerData: { depth } });
  assert.deepEqual(await Promise.race([once(thread, "message"), once(thread, "exit")]), ["done"]);
}

async function main(depth) {
  loadAll();
  await serve();
  await compute();
  await readAndStart();
  if (depth < 2) await inThread(depth + 1);
  parentPort?.postMessage("done");
}

function hang() {
  console.error("Error: it took more than two minutes");
  process.exit(1);
}

if (process.argv[2] === "--answer") process.send("heard");
else {
  if (isMainThread) setTimeout(hang, 120_000).unref();
  void main(workerData?.depth ?? 0);
}
