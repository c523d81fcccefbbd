/** A log in which one column changes what the others mean. */
import { type Dataset, dataset } from "../../../src/index.js";
import { plantedLog } from "./planted.js";

export const log = plantedLog(3, "slopes", 0.02, 12_000);
export const planted = log.planted!;
/** Domains by name, so that towers are read from text; a time in seconds. */
export const columns = {
  ...Object.fromEntries(
    log.fields.map(({ name, codes }) => {
      const scores = log.scores.get(name);
      return [name, Array.from(scores ?? codes, (value) => (name === planted ? `d${value}` : value))];
    }),
  ),
  ts: Array.from(log.units.times!, (millis) => Math.floor(millis / 1000)),
};
export const units = { user: "user", item: "item", time: "ts" } as const;
export const open = (more: Record<string, unknown[]> = {}): Promise<Dataset> =>
  dataset({ ...columns, y: Array.from(log.labels), ...more } as Record<string, (string | number)[]>);
