/** Converts columns and records to danfo DataFrames. */
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import type { SheetRecord } from "../../views/index.js";

/** The class of frames: the caller's, else danfo's. Throws a DataError if danfo is not installed. */
export async function loadFrameClass<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<FrameClass<Frame>> {
  if (frameClass !== undefined) return frameClass;
  const { loadDanfo } = await import("../../data/index.js");
  return loadDanfo() as FrameClass<Frame>;
}

/** Records as a frame. Throws a DataError if danfo is not installed. */
export async function recordsFrame<Frame = DanfoFrame>(
  records: readonly SheetRecord[],
  frameClass?: FrameClass<Frame>,
): Promise<Frame> {
  const Frame = await loadFrameClass(frameClass);
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return new Frame(Object.fromEntries(names.map((name) => [name, records.map((record) => record[name] ?? null)])));
}
