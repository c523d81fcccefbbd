/** Writes a generated log to a file. */
import type { TaobaoLog, TaobaoOptions } from "../../../samples/index.js";

/** Writes a Taobao-like log as Parquet; see `taobaoLike`. Throws a DataError before generating if it cannot be written. */
export async function writeTaobaoLike(path: string, options: TaobaoOptions): Promise<TaobaoLog> {
  const { assertTarget } = await import("../../../data/index.js");
  const { taobaoLike } = await import("../../../samples/index.js");
  assertTarget(path);
  const log = taobaoLike(options);
  await log.toParquet(path);
  return log;
}
