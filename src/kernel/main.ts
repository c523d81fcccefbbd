/** The kernel as a program, `node main.js --connection-file FILE`: a client starts it and talks to it over ZeroMQ. */
import { readFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { debugLine, isDebugging } from "../core/util/debug.js";
import { hasHeldFiles } from "./compiler/held-files.js";
import { keepCompiledCode } from "./compiler/lookups.js";
import { buildSnapshot } from "./kernel-spec.js";
import { surroundings } from "./opened-files.js";
import { CellOutputs, CellTrail } from "./process/cell.js";
import { Comms } from "./process/comms.js";
import { endCrashMarks } from "./process/crash-mark.js";
import { offerDisplay, offerInput, offerTslabDisplay } from "./process/display.js";
import { isInterruption } from "./process/failure.js";
import { whenIdle } from "./process/idle-work.js";
import { Kernel } from "./process/kernel.js";
import { LoopBreaker } from "./process/loop-breaker.js";
import { Session } from "./process/session.js";
import { type Channel, forgetOwnWork, KernelSockets, ownWork } from "./process/sockets.js";
import type { Message } from "./wire.js";

/** After the first cell, most of the compiler's functions are compiled. */
const keepCodeAfterMs = 1_500;

/** The heartbeat's thread ends at once unless the machine is very busy. */
const heartbeatEndMs = 5_000;

/** Without a snapshot, warming up blocks for a second, and clients may repeat their first request only every 100 ms. */
const firstRequestMs = 150;

/** The calling cell is often more than Node's ten stack frames away, after the library's. */
const stackFrames = 100;

async function main(): Promise<void> {
  Error.stackTraceLimit = stackFrames;
  if (!isDebugging()) Error.prepareStackTrace = withoutKernel;
  const file = connectionFile();
  const sockets = new KernelSockets(JSON.parse(readFileSync(file, "utf8")));
  const outputs = new CellOutputs();
  let session: Session | null = null;
  const getSession = (): Session => {
    if (session === null) {
      session = new Session(() => outputs.current?.ended ?? false, breaker.ready);
      offerTslabDisplay(() => outputs.current);
    }
    return session;
  };
  const around = surroundings(process.cwd());
  const trail = new CellTrail(process.cwd());
  const comms = new Comms(outputs, sockets.publishComm.bind(sockets), (thrown) => {
    printError(outputs, getSession, "Error in a widget's code:", thrown);
  });
  const kernel = new Kernel(getSession, sockets, outputs, trail, comms, around, () => {
    session?.close();
    void leave(sockets, 0);
  });
  const fail = (error: unknown): void => {
    writeSync(2, `the kernel's sockets failed: ${(error as Error).message}\n`);
    void leave(sockets, 1); // without them, its client must see that it ended
  };

  outputs.captureStreams();
  const currentCell = () => outputs.current;
  offerDisplay(currentCell, (file, line, column) => session?.locate(file, line, column) ?? null, comms);
  offerInput(currentCell);
  trail.offer(currentCell);
  guardProcess(outputs, getSession);
  const breaker = new LoopBreaker(
    () => kernel.patienceMs,
    () => kernel.loopEnded(),
  );
  process.on("SIGINT", () => {
    // A termination takes effect some instructions after it was asked for, so it may have ended work of the kernel.
    forgetOwnWork();
    ownWork(() => kernel.interrupt());
  });
  process.on("SIGTERM", () => void leave(sockets, 0));
  leaveWithParent(() => void leave(sockets, 1));
  const warm = warmUpOnce(kernel, getSession);
  const receive = (request: Message, channel: Channel): void => {
    debugLine("kernel", `${channel} ${request.header.msg_type} ${request.header.msg_id}`);
    kernel.receive(request, channel);
    warm(20); // after the reply is sent, while the client opens its other connections
  };
  try {
    await sockets.open(receive, (helper) => breaker.start(helper), fail);
  } catch (error) {
    return fail(error);
  }
  kernel.started();
  if (hasHeldFiles()) warm(0);
  else warm(firstRequestMs);
}

/** Errors that a cell prints end with the cell's frames. */
function withoutKernel(error: Error, frames: readonly NodeJS.CallSite[]): string {
  const isOwn = (file: string | null): boolean => file?.startsWith(__dirname) || file === "node:vm";
  // Modules of a snapshot have a source URL in place of a file name.
  const others = frames.filter((frame) => !isOwn(frame.getScriptNameOrSourceURL()));
  return [String(error), ...(others.length === 0 ? frames : others)].join("\n    at ");
}

function warmUpOnce(kernel: Kernel, session: () => Session): (afterMs: number) => void {
  let isWarm = false;
  const warmUp = (): void => {
    if (isWarm) return;
    isWarm = true;
    ownWork(session);
    // In between, a first request is answered.
    setImmediate(() => ownWork(() => session().warmUp()));
    whenIdle(kernel, () => {
      ownWork(() => session().warmUpLibrary());
      setTimeout(() => ownWork(keepCompiledCode), keepCodeAfterMs).unref();
      if (!hasHeldFiles()) setTimeout(buildSnapshot, keepCodeAfterMs).unref();
    });
  };
  return (afterMs) => {
    if (!isWarm) setTimeout(warmUp, afterMs);
  };
}

async function leave(sockets: KernelSockets, code: number): Promise<void> {
  endCrashMarks();
  await Promise.race([sockets.close(), sleep(heartbeatEndMs)]);
  await sleep(50);
  exitProcess(code);
}

function connectionFile(): string {
  const file = process.argv[process.argv.indexOf("--connection-file") + 1];
  if (process.argv.includes("--connection-file") && file) return file;
  console.error("usage: node main.js --connection-file FILE (a Jupyter client starts this program)");
  return process.exit(2);
}

function guardProcess(outputs: CellOutputs, session: () => Session): void {
  process.exit = ((code?: number) => {
    const error = new Error(
      `process.exit(${code ?? ""}) would end the kernel and lose the notebook's variables; throw an error to stop a cell`,
    );
    error.name = "ProcessExit";
    throw error;
  }) as typeof process.exit;
  const print = (what: string, thrown: unknown): void => printError(outputs, session, what, thrown);
  process.on("uncaughtException", (error) => print("Uncaught error:", error));
  process.on("unhandledRejection", (reason) => print("Unhandled promise rejection:", reason));
}

function printError(outputs: CellOutputs, session: () => Session, what: string, thrown: unknown): void {
  if (isInterruption(thrown)) return; // code of an interrupted cell, stopped at an `await`
  outputs.current?.write("stderr", `${what}\n${session().describe(thrown).traceback.join("\n")}\n`);
}

function leaveWithParent(leave: () => void): void {
  const parent = process.ppid;
  if (process.platform === "win32") return;
  setInterval(() => process.ppid !== parent && leave(), 1_000).unref();
}

const exitProcess = process.exit.bind(process);
void main();
