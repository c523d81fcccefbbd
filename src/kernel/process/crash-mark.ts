/**
 * The mark of a process that started from a snapshot: a file beside it, which exists while a faulty snapshot could make
 * Node abort. start.sh creates the first one. If it finds one whose process is gone, it starts without the snapshot,
 * once; if the next process from the snapshot ends like that, too, it drops the snapshot.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { attempt } from "../../core/util/attempt.js";

/** Modules and threads are loaded by then. Later ends of the process have other reasons, such as memory. */
const riskyMs = 20_000;

let mark: { readonly file: string; readonly text: string } | null = null;
/** The record of a process before this one that ended without warning; a start that lives removes it. */
let earlierCrash: string | null = null;
let timer: NodeJS.Timeout | null = null;

/** The mark's path; null: the process did not start from a snapshot. */
export function crashMark(): string | null {
  return mark?.file ?? null;
}

/** Takes over the mark of a start. Without one, as in a snapshot's trial, there will be none. */
export function takeCrashMark(snapshot: string): void {
  const file = `${path.resolve(snapshot)}.${process.pid}`; // a cell may go to another folder
  const text = attempt(() => readFileSync(file, "utf8"), null);
  if (text === null) return;
  mark = { file, text };
  const crash = path.resolve(snapshot).replace(/-\d+-\d+\.snapshot$/, ".crashed");
  if (existsSync(crash)) earlierCrash = crash;
  process.on("exit", endCrashMarks);
  process.on("worker", markCrashes);
  markCrashes();
}

/** Marks the next moments, at the start of a cell or thread. */
export function markCrashes(): void {
  if (mark === null) return;
  const { file, text } = mark;
  attempt(() => writeFileSync(file, text), undefined);
  if (timer === null) timer = setTimeout(remove, riskyMs).unref();
  else timer.refresh();
}

function remove(): void {
  if (mark !== null) removeCrashMark(mark.file);
  if (earlierCrash !== null) removeCrashMark(earlierCrash);
  earlierCrash = null;
}

/** For a process that ends as it should. */
export function endCrashMarks(): void {
  remove();
  mark = null;
}

export function removeCrashMark(file: string): void {
  attempt(() => rmSync(file, { force: true }), undefined);
}
