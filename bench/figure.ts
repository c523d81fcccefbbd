/** A reported figure: one number with its unit and conditions. */
import { cpus, loadavg, totalmem } from "node:os";

/** Units of figures; `ratio` has no unit. */
export type Unit = "ms" | "ns" | "rows/s" | "ratio" | "MB" | "GFLOP" | "GFLOPS" | "count";

/** One measured number. */
export interface Figure {
  /** `{measurement}.{…}`, such as `tasks-step.8192.compiled`. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
}

/** Receives figures; `beside` is added to their JSON, for example a peer's version. */
export type Report = (name: string, value: number, unit: Unit, beside?: Readonly<Record<string, string>>) => void;

/** A group of figures that are measured together. */
export interface Measurement {
  /** The prefix of its figures' names. */
  readonly name: string;
  /** Runs only if its name is given. */
  readonly onlyByName?: boolean;
  run(report: Report): Promise<void>;
}

/** Describes the machine in one line; the load average includes other processes. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = (loadavg()[0] as number).toFixed(1);
  return `${cpus().length} × ${cpu?.model ?? "unknown"}, ${memory} GB, Node ${process.versions.node}, load ${load}`;
}

/** Rounds to four significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
