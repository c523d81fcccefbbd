/** Writes the generated Taobao-like log to a file. */
import type { TaobaoOptions } from "../../core/samples/generate/settings.js";
import type { TaobaoLog } from "../../core/samples/generate/taobao.js";

/** Writes a Taobao-like log as Parquet; see `taobaoLike`. Throws a DataError before generating if it cannot be written. */
export async function writeTaobaoLike(path: string, options: TaobaoOptions): Promise<TaobaoLog> {
  const { assertTarget } = await import("../../core/data/sources/parquet.js");
  const { taobaoLike } = await import("../../core/samples/generate/taobao.js");
  assertTarget(path);
  const log = taobaoLike(options);
  await log.toParquet(path);
  return log;
}
