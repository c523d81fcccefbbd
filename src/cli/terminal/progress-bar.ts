/** One line at the end of the terminal that shows how far the work is, and is replaced in place. */
import { duration, percent } from "../../util/text/format.js";
import { drawLiveLine, eraseLiveLine } from "./standard-streams.js";
import { styled } from "./styles.js";

const everyMillis = 100;
/** Before this, the remaining time would be a guess. */
const leastMillis = 1000;
const widest = 30;
const narrowest = 5;

/** A progress bar: `training ━━━━━━━───  62%  31,250 rows/s  12 s left`. */
export class ProgressBar {
  readonly #name: string;
  readonly #startedAt: number = performance.now();
  #first: number | null = null;
  #latestAt = Number.NEGATIVE_INFINITY;

  /** @param name of the work */
  constructor(name: string) {
    this.#name = name;
  }

  /** Shows that `amount` of `total` is complete. @param details after the bar; the last ones yield if it is narrow */
  update(amount: number, total: number, details: readonly string[]): void {
    this.#first ??= amount - 1;
    const now = performance.now();
    if (now - this.#latestAt < everyMillis && amount < total) return;
    this.#latestAt = now;
    const left = this.#secondsLeft(amount, total, now);
    const texts = left === null ? details : [`${duration(left)} left`, ...details];
    drawLiveLine(barLine(this.#name, amount / total, texts, process.stdout.columns || 80));
  }

  /** Removes the line. */
  end(): void {
    eraseLiveLine();
  }

  #secondsLeft(amount: number, total: number, now: number): number | null {
    const millis = now - this.#startedAt;
    if (millis < leastMillis || amount >= total) return null;
    return Math.round(((total - amount) * millis) / (amount - this.#first!) / 1000);
  }
}

/** The line, shorter than the terminal: a line that wraps could not be erased. */
function barLine(name: string, share: number, details: readonly string[], columns: number): string {
  const most = columns - 1;
  const head = `${name} `;
  const parts = [percent(Math.min(1, share), 0).padStart(5)];
  for (const detail of details) {
    if ([head, ...parts, detail].join("  ").length + narrowest > most) break;
    parts.push(detail);
  }
  const tail = parts.join("  ");
  const width = Math.min(widest, most - head.length - tail.length);
  if (width < narrowest) return `${head}${tail}`.slice(0, Math.max(0, most));
  const full = Math.round(width * Math.min(1, share));
  const { stdout } = process;
  return `${head}${styled(stdout, "cyan", "━".repeat(full))}${styled(stdout, "dim", "─".repeat(width - full))}${tail}`;
}
