/** Differences between two configs, field by field. */

import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { join } from "../config-path.js";
import type { PipelineConfig } from "./open-config.js";

export interface ConfigDifference {
  /** A path for `editConfig`, or into the `# pepnet` settings. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Returns every difference between two configs as written, in the order of the first. Lists are compared by index. */
export function diffConfigs(a: PipelineConfig, b: PipelineConfig): readonly ConfigDifference[] {
  return [...diffValues("", a.message, b.message), ...diffValues("# pepnet", a.notes, b.notes)];
}

function diffValues(path: string, before: Json | undefined, after: Json | undefined): ConfigDifference[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => diffValues(`${path}[${index}]`, before[index], after[index])).flat();
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => diffValues(join(path, name), fieldValue(before, name), fieldValue(after, name)));
  }
  return Object.is(before, after) ? [] : [{ path, before, after }];
}

function fieldValue(message: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(message, name) ? message[name] : undefined;
}
