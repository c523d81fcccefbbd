/** Priors by their definition, row by row, without any code of the library's; slow, and easy to read. */

/** What the definition needs. */
export interface OracleLog {
  readonly columns: Readonly<Record<string, readonly (string | number | boolean | Date | null)[]>>;
  /** Seconds since 1970; `null`: none. */
  readonly seconds: readonly (number | null)[];
  readonly labels: readonly string[];
  readonly by: readonly (string | readonly string[])[];
  readonly windows: readonly string[];
  readonly delay: Readonly<Record<string, string>>;
}

interface Counts {
  readonly n: number;
  readonly s: number;
  readonly last: number;
}

const day = 86_400;

/** The new columns by name. */
export function oracle(log: OracleLog): Record<string, number[]> {
  const { columns, seconds, labels, by, windows } = log;
  const first = Math.min(...seconds.filter((time) => time !== null));
  const result: Record<string, number[]> = {};
  for (const label of labels) {
    const delay = parseFloat(log.delay[label]!);
    const values = columns[label]!.map((value) => (value === null ? null : Number(value)));
    const ofKey = (key: readonly string[], row: number): string | null => {
      const cells = key.map((name) => columns[name]![row]);
      return cells.some((cell) => cell === null || Number.isNaN(cell)) ? null : JSON.stringify(cells);
    };
    /** For each row, what the earlier rows of its key say. */
    const countsOf = (key: readonly string[], window = Number.POSITIVE_INFINITY): Counts[] => {
      const peers = new Map<string, number[]>();
      const keys = seconds.map((_, row) => ofKey(key, row));
      for (const [row, value] of keys.entries()) {
        if (value === null || seconds[row] === null || values[row] === null) continue;
        if (!peers.has(value)) peers.set(value, []);
        peers.get(value)!.push(row);
      }
      return seconds.map((time, row) => {
        const counts = { n: 0, s: 0, last: Number.NEGATIVE_INFINITY };
        if (time === null || keys[row] === null) return counts;
        const limit = time - delay;
        for (const other of peers.get(keys[row]!) ?? []) {
          const then = seconds[other]!;
          if (then >= limit || then < limit - window) continue;
          counts.n += 1;
          counts.s += values[other]!;
          counts.last = Math.max(counts.last, then);
        }
        return counts;
      });
    };
    /** Each row's rate: of its counts and the parent's rate, by the strength at its time. */
    const rateOf = (counts: readonly Counts[], parent: readonly number[]): number[] => {
      const strength = strengthOf(counts, parent, seconds, values, delay);
      return counts.map(({ n, s }, row) => {
        const k = strength(seconds[row]!);
        return (s + k * parent[row]!) / (n + k);
      });
    };
    const overall = countsOf([]).map(({ n, s }) => (s + 0.5) / (n + 1));
    for (const key of by.map((one) => (typeof one === "string" ? [one] : one))) {
      let rate = overall;
      for (let length = 1; length <= key.length; length++) rate = rateOf(countsOf(key.slice(0, length)), rate);
      const name = `${key.join("_")}_${label}`;
      result[`${name}_n`] = countsOf(key).map(({ n }) => n);
      result[`${name}_rate`] = rate;
      result[`${name}_age`] = countsOf(key).map(({ n, last }, row) => {
        return seconds[row] === null ? 0 : (seconds[row]! - (n === 0 ? first : last)) / day;
      });
      for (const window of windows) {
        const counts = countsOf(key, parseFloat(window));
        result[`${name}_n_${window}`] = counts.map(({ n }) => n);
        result[`${name}_rate_${window}`] = rateOf(counts, rate);
      }
    }
  }
  return result;
}

/** The strength at each time: estimated at 256, 1,024, 4,096 … labels, for rows after the last of them is known. */
function strengthOf(
  counts: readonly Counts[],
  parent: readonly number[],
  seconds: readonly (number | null)[],
  values: readonly (number | null)[],
  delay: number,
): (time: number | null) => number {
  const labelled = [...seconds.keys()].filter((row) => seconds[row] !== null && values[row] !== null);
  const times = labelled.map((row) => seconds[row]!).sort((a, b) => a - b);
  const steps: { readonly after: number; readonly k: number }[] = [];
  for (let size = 256; size <= times.length; size *= 4) {
    const last = times[size - 1]!;
    const sample = labelled.filter((row) => seconds[row]! <= last && chance(row) < Math.min(1, 8192 / size));
    const likelihood = (k: number): number =>
      sample.reduce((sum, row) => {
        const { n, s } = counts[row]!;
        const rate = (s + k * parent[row]!) / (n + k);
        return n === 0 ? sum : sum + Math.log(values[row] === 1 ? rate : 1 - rate);
      }, 0);
    let best = 16;
    for (let k = 0.5; k <= 16_384; k *= 2) {
      if (likelihood(k) > likelihood(best) + 1e-9 * Math.abs(likelihood(best))) best = k;
    }
    steps.push({ after: last + delay, k: best });
  }
  return (time) => steps.reduce((k, step) => (time !== null && time > step.after ? step.k : k), 16);
}

/** MurmurHash3's last steps on the row number, from 0 to 1. */
function chance(row: number): number {
  const multiply = (a: number, b: number): number => Number((BigInt(a) * BigInt(b)) & 0xffffffffn);
  let value = (row ^ 0x5bd1e995) >>> 0;
  value = (value ^ (value >>> 16)) >>> 0;
  value = multiply(value, 0x85ebca6b);
  value = (value ^ (value >>> 13)) >>> 0;
  value = multiply(value, 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0) / 4_294_967_296;
}
