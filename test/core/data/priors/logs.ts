/** Random logs with what priors have to bear: ties, gaps, missing and late labels, keys of every type, times of every kind. */
import { type Random, random } from "../../../../src/core/util/random.js";

/** A log in columns, with the calls that priors get. */
export interface RandomLog {
  readonly columns: Record<string, (string | number | boolean | Date | null)[]>;
  /** Seconds since 1970 of each row; `null`: none. */
  readonly seconds: (number | null)[];
  readonly labels: readonly string[];
  readonly by: readonly (string | readonly string[])[];
  readonly windows: readonly string[];
  readonly delay: Readonly<Record<string, string>>;
}

/** The options of `priors` for a log. */
export function optionsOf({ labels, by, windows, delay }: RandomLog) {
  return { by, windows, delay: Object.fromEntries(labels.map((label) => [label, delay[label]!])) };
}

const start = 1_600_000_000;
/** How times are written, by seconds since 1970. */
const writings: readonly ((seconds: number, source: Random) => string | number | Date)[] = [
  (seconds) => seconds,
  (seconds) => seconds * 1000,
  (seconds) => new Date(seconds * 1000),
  (seconds, source) => {
    const hours = source.integer(5) - 2;
    const local = new Date((seconds + hours * 3600) * 1000).toISOString().slice(0, 19);
    return `${local}${hours < 0 ? "-" : "+"}0${Math.abs(hours)}:00`;
  },
];

/** @param rows at least 2 */
export function randomLog(seed: number, rows: number): RandomLog {
  const source = random(seed).fork("log");
  const pick = <T>(values: readonly T[]): T => values[source.integer(values.length)]!;
  const span = pick([40, 500, 5000, 400_000]);
  const write = pick(writings);
  const sparse = pick([0, 0.05, 0.3]);
  const rate = pick([0.02, 0.3, 0.8]);
  const users = pick([2, 7, 40, 300]);
  const orNull = <T>(value: T): T | null => (source.uniform() < sparse ? null : value);
  const column = <T>(make: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => make(row));
  const seconds = column(() => (source.uniform() < sparse / 5 ? null : start + source.integer(span)));
  // Two rows fix the span, so that no delay is as long as the log.
  seconds[0] = start;
  seconds[rows - 1] = start + span;
  const user = column(() => source.integer(users));
  const asText = source.uniform() < 0.5;
  const columns: RandomLog["columns"] = {
    user_id: user.map((id) => orNull(asText ? `u${id}'"` : id)),
    price: column(() => (source.uniform() < sparse ? Number.NaN : source.integer(6) / 4)),
    scene: column(() => orNull(pick(["home", "Köln", ""]))),
    is_new: column(() => orNull(source.uniform() < 0.5)),
    ts: seconds.map((time) => (time === null ? null : write(time, source))),
    click: user.map((id) => orNull(Number(source.uniform() < rate * ((id % 3) / 2 + 0.5)))),
    buy: user.map((id) => (source.uniform() < 0.3 ? null : source.uniform() < 0.2 + (id % 2) / 2)),
  };
  const keys = ["user_id", "price", "scene", "is_new", ["user_id", "scene"], ["scene", "user_id", "is_new"]] as const;
  const by = keys.filter(() => source.uniform() < 0.5);
  const durations = [1, 10, 37, 400, 30_000].filter((duration) => duration < span);
  const lengths = [...new Set([pick(durations), pick(durations)])];
  const delays = ["0s", ...durations.map((duration) => `${duration}s`)];
  return {
    columns,
    seconds,
    labels: source.uniform() < 0.5 ? ["click"] : ["click", "buy"],
    by: by.length > 0 ? by : ["user_id"],
    windows: lengths.slice(0, source.integer(3)).map((duration) => `${duration}s`),
    delay: { click: pick(delays), buy: pick(delays) },
  };
}
