/** One pass of DuckDB's sorted rows per key: counts before each row go to a file, samples of them to the strengths. */
import { type Connection, fileList, placeLiteral } from "../sources/duckdb.js";
import { newPrivateFile, removePrivateFile } from "../sources/file-version.js";
import { appendColumns } from "../sources/parquet.js";
import { numberColumn, type RawColumn } from "../table/column.js";
import { type Base, keyColumn } from "./base.js";
import type { PriorsPlan } from "./plan.js";
import { innerColumn, type Strengths, windowsAt } from "./rates.js";
import {
  Checkpoints,
  estimateStrengths,
  firstRate,
  LevelSamples,
  type SampledRows,
  shrunkRate,
  strengthAt,
} from "./strength.js";
import { KeySweep, labelCode } from "./sweep.js";
import { ageUnit } from "./times.js";

/** Rows of a level on the way to DuckDB. */
const heldRows = 1 << 16;

/** The values that pass while the rows of a level are counted. */
interface LevelPass {
  /** Called for each row in the order of keys and times (NaN: none), with counts before it; `null`: it is in no key. */
  row(row: number, time: number, codes: number, sweep: KeySweep | null): void;
  /** Called after each chunk of rows. */
  chunk?(): Promise<void>;
  /** Called after the last row of a key, whose number is given, before the next. */
  key?(lastRow: number, sweep: KeySweep): Promise<void>;
}

const noKey = 2;

/** Calls `pass` for the rows of a level. */
export async function passLevel(
  connection: Connection,
  base: Base,
  plan: PriorsPlan,
  level: number,
  pass: LevelPass,
): Promise<void> {
  const keys = plan.levels[level]!.columns.map((name) => keyColumn(plan, name));
  const isMissing = ["t", ...keys].map((key) => `${key} IS NULL`).join(" OR ");
  const isNew = keys.map((key) => `${key} IS DISTINCT FROM lag(${key}) OVER ()`).join(" OR ");
  const place = `CASE WHEN ${isMissing} THEN ${noKey}${isNew === "" ? "" : ` WHEN ${isNew} THEN 1`} ELSE 0 END`;
  const columns = ["row", "t", "codes", ...keys].map((name) => `"${name}"`).join(", ");
  const sorted = `SELECT ${columns} FROM ${base.relation} ORDER BY ${[...keys, "t", `"row"`].join(", ")}`;
  const sql = `SELECT "row", coalesce(CAST(t AS DOUBLE), 'nan'::DOUBLE), codes, CAST(${place} AS INTEGER) FROM (${sorted})`;
  const sweep = new KeySweep({ labels: plan.labels, windows: windowsAt(plan, level) });
  let before = -1;
  for await (const chunk of connection.chunks(sql)) {
    const [rows, times, codes, places] = [0, 1, 2, 3].map((at) => itemsOf(chunk.getColumnVector(at)));
    for (let at = 0; at < chunk.rowCount; at++) {
      const row = rows![at]!;
      if (places![at] === noKey) {
        pass.row(row, times![at]!, codes![at]!, null);
        continue;
      }
      if (places![at] === 1) {
        if (before >= 0) await pass.key?.(before, sweep);
        sweep.clear();
      }
      sweep.advance(times![at]!);
      pass.row(row, times![at]!, codes![at]!, sweep);
      sweep.add(times![at]!, codes![at]!);
      before = row;
    }
    await pass.chunk?.();
  }
  if (before >= 0) await pass.key?.(before, sweep);
}

/** A vector's values, which DuckDB's types hide. */
function itemsOf(vector: unknown): Int32Array | Float64Array {
  return (vector as { readonly items: Int32Array | Float64Array }).items;
}

/** The counts of all levels before each row. */
export interface CountedLevels {
  /** SQL of the levels' columns ({@link innerColumn}), each with the row number `row<level>`, in the data's order. */
  readonly relations: readonly string[];
  readonly strengths: Strengths;
  remove(): void;
}

/** @param isWritten whether counts become columns; without, only strengths are estimated */
export async function countLevels(
  connections: { readonly read: Connection; readonly write: Connection },
  base: Base,
  plan: PriorsPlan,
  isWritten: boolean,
): Promise<CountedLevels> {
  const checkpoints = plan.labels.map(() => new Checkpoints());
  const sampled = plan.labels.map(() => new SampledLabels());
  const files: string[] = [];
  const strengths: Strengths[number][] = [];
  const rates: Float64Array[][] = [];
  let rows: readonly SampledRows[] = [];
  const remove = (): void => {
    for (const file of files) removePrivateFile(file);
  };
  try {
    for (const [level, { parent }] of plan.levels.entries()) {
      const samples = new LevelSamples(checkpoints, windowsAt(plan, level).length);
      const writer = isWritten ? await LevelWriter.open(connections.write, base, plan, level) : null;
      await passLevel(connections.read, base, plan, level, {
        row(row, time, codes, sweep) {
          for (let label = 0; label < plan.labels.length; label++) {
            const code = labelCode(codes, label);
            if (parent < 0 && sweep !== null && code < 2) checkpoints[label]!.count(time);
            const isSampled = samples.add(row, time, label, code, sweep?.counts[label] ?? null);
            if (isSampled && parent < 0) sampled[label]!.add(row, time, code);
          }
          writer?.row(row, time, sweep);
        },
        chunk: async () => writer?.flush(heldRows),
      });
      if (writer !== null) files.push(await writer.finish());
      if (parent < 0) rows = sampled.map((each) => each.sorted());
      const estimated = plan.labels.map(({ delay }, label) => {
        const histories = samples.histories[label]!.map((history) => history.sorted());
        const before = parent < 0 ? null : rates[parent]![label]!;
        return levelStrengths(rows[label]!, histories, before, checkpoints[label]!, delay);
      });
      strengths.push(estimated.map(({ steps }) => steps));
      rates.push(estimated.map(({ rate }) => rate));
    }
  } catch (error) {
    remove();
    throw error;
  }
  const relations = files.map((file) => `read_parquet(${fileList([file])}, hive_partitioning = false)`);
  return { relations, strengths, remove };
}

/** The strengths of a level for a label, and its rate of all history at the sampled rows. @param parent its rates */
function levelStrengths(
  rows: SampledRows,
  [all, ...windows]: readonly ReturnType<LevelSamples["histories"][number][number]["sorted"]>[],
  parent: Float64Array | null,
  checkpoints: Checkpoints,
  delay: number,
) {
  const { n, s } = all!;
  if (parent === null) {
    return { steps: [[]], rate: Float64Array.from(n, (_, at) => firstRate(n[at]!, s[at]!)) };
  }
  const steps = estimateStrengths(rows, all!, parent, checkpoints, delay);
  const rate = Float64Array.from(n, (_, at) => {
    return shrunkRate(n[at]!, s[at]!, strengthAt(steps, rows.time[at]!), parent[at]!);
  });
  return {
    steps: [steps, ...windows.map((window) => estimateStrengths(rows, window, rate, checkpoints, delay))],
    rate,
  };
}

/** Times and labels of a label's sampled rows. */
class SampledLabels {
  readonly #rows: (readonly [row: number, time: number, label: number])[] = [];

  add(row: number, time: number, label: number): void {
    this.#rows.push([row, time, label]);
  }

  sorted(): SampledRows {
    const rows = this.#rows.sort(([a], [b]) => a - b);
    return {
      row: Int32Array.from(rows, ([row]) => row),
      time: Float64Array.from(rows, ([, time]) => time),
      label: Uint8Array.from(rows, ([, , label]) => label),
    };
  }
}

/** A column of a level's file. */
interface LevelColumn {
  readonly name: string;
  readonly values: Int32Array | Float64Array;
}

/** Writes the counts of a level, as they pass, to a table, and that in the data's order to a file. */
class LevelWriter {
  #length = 0;

  private constructor(
    private readonly connection: Connection,
    private readonly base: Base,
    private readonly plan: PriorsPlan,
    private readonly table: string,
    private readonly columns: readonly LevelColumn[],
    private readonly windows: number,
  ) {}

  static async open(connection: Connection, base: Base, plan: PriorsPlan, level: number): Promise<LevelWriter> {
    const windows = windowsAt(plan, level).length;
    // A chunk of rows may arrive while the array is almost full.
    const ints = (name: string): LevelColumn => ({ name, values: new Int32Array(heldRows * 2) });
    const columns = [
      ints(`row${level}`),
      ...plan.labels.flatMap((_, label) => [
        ints(innerColumn(level, label, "n")),
        ints(innerColumn(level, label, "s")),
        { name: innerColumn(level, label, "age"), values: new Float64Array(heldRows * 2) },
        ...Array.from({ length: windows }, (__, window) => [
          ints(innerColumn(level, label, "n", window)),
          ints(innerColumn(level, label, "s", window)),
        ]).flat(),
      ]),
    ];
    const table = `level${level}`;
    const fields = columns.map(({ name, values }) => `${name} ${values instanceof Int32Array ? "INTEGER" : "DOUBLE"}`);
    await connection.run(`CREATE TABLE ${table} (${fields.join(", ")})`);
    return new LevelWriter(connection, base, plan, table, columns, windows);
  }

  row(row: number, time: number, sweep: KeySweep | null): void {
    const at = this.#length++;
    let column = 0;
    const put = (value: number): void => {
      this.columns[column++]!.values[at] = value;
    };
    put(row);
    for (let label = 0; label < this.plan.labels.length; label++) {
      const counts = sweep?.counts[label];
      put(counts?.rows ?? 0);
      put(counts?.positives ?? 0);
      put(this.#age(time, counts?.last));
      for (let window = 0; window < this.windows; window++) {
        put(counts?.windowRows[window] ?? 0);
        put(counts?.windowPositives[window] ?? 0);
      }
    }
  }

  /** The time since the last row; for a new key, the time since the log began, which is a lower bound. */
  #age(time: number, last: number | undefined): number {
    const { base } = this;
    if (base.time === null || Number.isNaN(time)) return 0;
    const since = last === undefined || Number.isNaN(last) ? base.first : last;
    return (time - since) / ageUnit(base.time);
  }

  /** Hands over the rows if there are at least `most`. */
  async flush(most: number): Promise<void> {
    if (this.#length < most || this.#length === 0) return;
    const columns = this.columns.map(({ values }): RawColumn => {
      const type = values instanceof Int32Array ? "integer" : "float";
      return numberColumn(type, values.subarray(0, this.#length));
    });
    await appendColumns(this.connection, this.table, columns);
    this.#length = 0;
  }

  /** The path of the file. */
  async finish(): Promise<string> {
    await this.flush(0);
    const [{ name: row } = { name: "" }] = this.columns;
    const file = await newPrivateFile(".parquet", (fresh) => {
      const sorted = `SELECT * FROM ${this.table} ORDER BY ${row}`;
      return this.connection.run(`COPY (${sorted}) TO ${placeLiteral(fresh)} (FORMAT parquet)`);
    });
    await this.connection.run(`DROP TABLE ${this.table}`);
    return file;
  }
}
