// What cells do with Node's own modules: in the process that loads this, in a thread, and in a thread of that. Each answer is
// the same in every process and every time. `node users-code.cjs` prints them for comparison.
const { builtinModules, isBuiltin } = require("node:module");
const { once } = require("node:events");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Worker, isMainThread, parentPort, workerData } = require("node:worker_threads");

const local = "127.0.0.1";

async function served(server, ask) {
  await once(server.listen(0, local), "listening");
  try {
    return await ask(server.address().port);
  } finally {
    server.close();
  }
}

const textOf = async (stream) => String(await stream.toArray());

/** Each returns plain data. */
const uses = {
  async "all modules"() {
    const unlisted = ["node:sea", "node:sqlite", "node:test", "node:test/reporters"].filter(isBuiltin);
    const ids = new Set([...builtinModules, ...unlisted].filter((id) => !/^(_|internal\/)/.test(id)));
    const failed = [];
    for (const id of ids) {
      try {
        await import(id);
      } catch (error) {
        failed.push(`${id} ${error.code}`);
      }
    }
    return { failed, count: ids.size };
  },
  async http() {
    const http = require("node:http");
    const server = http.createServer((request, answer) => answer.end(request.url));
    return served(server, async (port) => {
      const url = `http://${local}:${port}/asked`;
      const [answer] = await once(http.get(url), "response");
      const answers = [await textOf(answer), await (await fetch(url)).text()];
      server.closeAllConnections();
      return answers;
    });
  },
  async http2() {
    const http2 = require("node:http2");
    return served(
      http2.createServer().on("stream", (stream) => stream.end("answer")),
      async (port) => {
        const client = http2.connect(`http://${local}:${port}`);
        const answer = await textOf(client.request());
        client.close();
        return answer;
      },
    );
  },
  async "net, tls and dns"() {
    const net = require("node:net");
    const echoed = await served(
      net.createServer((socket) => socket.pipe(socket)),
      (port) => textOf(net.connect(port, local).end("echo")),
    );
    const { family } = await require("node:dns/promises").lookup(local);
    return [echoed, typeof require("node:tls").createSecureContext().context, family];
  },
  async dgram() {
    const socket = require("node:dgram").createSocket("udp4");
    await once(socket.bind(0, local), "listening");
    socket.send("datagram", socket.address().port, local);
    const [message] = await once(socket, "message");
    socket.close();
    return String(message);
  },
  async zlib() {
    const zlib = require("node:zlib");
    const packed = await require("node:util").promisify(zlib.gzip)("text");
    return [String(zlib.gunzipSync(packed)), String(zlib.brotliDecompressSync(zlib.brotliCompressSync("text")))];
  },
  async crypto() {
    const crypto = require("node:crypto");
    const { privateKey, publicKey } = crypto.generateKeyPairSync("ed25519");
    const bytes = Buffer.from("text");
    const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes);
    return [
      crypto.createHash("sha256").update(bytes).digest("hex") === Buffer.from(digest).toString("hex"),
      crypto.verify(null, bytes, publicKey, crypto.sign(null, bytes, privateKey)),
      crypto.randomUUID().length,
    ];
  },
  async child_process() {
    const { execFileSync, fork, spawn } = require("node:child_process");
    const code = "[process.env.GLIBC_TUNABLES, process.execArgv.join(), 6 * 7].join()";
    const executed = execFileSync(process.execPath, ["-p", code], { encoding: "utf8" });
    const spawned = spawn(process.execPath, ["-e", "process.stdin.pipe(process.stdout)"]);
    const piped = textOf(spawned.stdout);
    spawned.stdin.end("text");
    const forked = fork(__filename, ["--echo"], { execArgv: [] });
    forked.send("text");
    const [[message]] = await Promise.all([once(forked, "message"), once(forked, "exit")]); // in either order
    return [executed, await piped, message];
  },
  async cluster() {
    if (!isMainThread) return "only in the main thread";
    const cluster = require("node:cluster");
    cluster.setupPrimary({ exec: __filename, args: ["--worker"], execArgv: [] });
    const [message] = await once(cluster.fork(), "message");
    await new Promise((resolve) => cluster.disconnect(resolve));
    return message;
  },
  async inspector() {
    const { Session } = require("node:inspector/promises");
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    const { profile } = await session.post("Profiler.stop");
    const { result } = await session.post("Runtime.evaluate", { expression: "6 * 7" });
    session.disconnect();
    return [profile.nodes.length > 0, result.value];
  },
  async perf_hooks() {
    const hooks = require("node:perf_hooks");
    const observed = new Promise((resolve) => {
      new hooks.PerformanceObserver((list, observer) => {
        observer.disconnect();
        resolve(list.getEntries()[0].name);
      }).observe({ entryTypes: ["measure"] });
    });
    performance.mark("here");
    performance.measure("from here", "here");
    const delay = hooks.monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await new Promise((resolve) => setTimeout(resolve, 100));
    delay.disable();
    const clocks = performance.timeOrigin + performance.now() - Date.now();
    return [
      await observed,
      delay.count > 0,
      Math.abs(clocks) < 1_000,
      performance === hooks.performance,
      performance.nodeTiming.bootstrapComplete > 0,
      performance.eventLoopUtilization().utilization >= 0,
    ];
  },
  async readline() {
    const input = require("node:stream").Readable.from(["first\nsecond\n"]);
    const lines = [];
    for await (const line of require("node:readline").createInterface({ input })) lines.push(line);
    return lines;
  },
  async "fs/promises"() {
    const files = require("node:fs/promises");
    const folder = await files.mkdtemp(path.join(os.tmpdir(), "pepnet-users-code-"));
    await files.writeFile(path.join(folder, "a"), "text");
    const handle = await files.open(path.join(folder, "a"));
    const text = await handle.readFile("utf8");
    await handle.close();
    const watcher = fs.watch(folder);
    const changed = once(watcher, "change");
    await files.writeFile(path.join(folder, "b"), "more");
    const [, name] = await changed;
    watcher.close();
    const names = [];
    for await (const entry of await files.opendir(folder)) names.push(entry.name);
    await files.rm(folder, { recursive: true });
    return [text, name, names.sort(), (await textOf(fs.createReadStream(__filename))).length > 0];
  },
  async "stream/web"() {
    const { ReadableStream, TransformStream } = require("node:stream/web");
    const doubling = new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk + chunk) });
    const doubled = [];
    for await (const chunk of ReadableStream.from(["a", "b"]).pipeThrough(doubling)) doubled.push(chunk);
    const packed = new Blob(["text"]).stream().pipeThrough(new CompressionStream("gzip"));
    return [doubled, await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text()];
  },
  async v8() {
    const v8 = require("node:v8");
    let heap = 1;
    // The kernel's own heap takes ten seconds.
    if (!isMainThread) for await (const chunk of v8.getHeapSnapshot()) heap += chunk.length;
    const copy = v8.deserialize(v8.serialize(new Map([["key", [1, 2]]])));
    return [copy.get("key"), v8.getHeapStatistics().total_heap_size > 0, heap > 0];
  },
  async "vm and async_hooks"() {
    const store = new (require("node:async_hooks").AsyncLocalStorage)();
    const stored = await store.run("stored", async () => {
      await null;
      return store.getStore();
    });
    return [require("node:vm").runInNewContext("6 * number", { number: 7 }), stored];
  },
  async timers() {
    const timers = require("node:timers/promises");
    let turns = 0;
    for await (const _ of timers.setInterval(1)) if (++turns === 3) break;
    return [turns, await timers.setImmediate("next")];
  },
  async "messages and events"() {
    const { port1, port2 } = new MessageChannel();
    port2.postMessage(new Set([1]));
    const [message] = await once(port1, "message");
    port1.close();
    const abort = new AbortController();
    const aborted = once(abort.signal, "abort");
    abort.abort();
    await aborted;
    return [[...message], structuredClone({ a: [1] })];
  },
  async globals() {
    return [
      new URL("http://host/path?query").search,
      new Intl.NumberFormat("en").format(1234.5),
      new TextDecoder("utf-16le").decode(new Uint8Array([65, 0])),
      atob(btoa("text")),
      process.memoryUsage().rss > 0,
      process.uptime() < 3_600,
      process.cwd() === path.resolve("."),
      Object.keys(process.report.getReport()).includes("header"),
      (await import("data:text/javascript,export default 6 * 7")).default,
      (await WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).instance instanceof WebAssembly.Instance,
    ];
  },
};

/** The answers here and in threads below. */
async function answers(depth) {
  const all = {};
  for (const [name, use] of Object.entries(uses)) {
    all[name] = await use().catch((error) => `${error.code ?? ""} ${error.stack}`);
  }
  if (depth === 2) return all;
  const thread = new Worker(__filename, { workerData: { depth: depth + 1 } });
  [[all["in a thread"]]] = await Promise.all([once(thread, "message"), once(thread, "exit")]); // at the same moment
  return all;
}

module.exports = { answers };
if (process.argv[2] === "--echo") process.once("message", (message) => process.send(message));
else if (process.argv[2] === "--worker") process.send("from a worker of a cluster");
else if (workerData?.depth) answers(workerData.depth).then((all) => parentPort.postMessage(all));
else if (require.main === module) answers(0).then((all) => console.log(JSON.stringify(all)));
