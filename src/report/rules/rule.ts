/** What to try next: rules as data. A rule fires only where the numbers support it, and its words name them. */
import type { ReportFacts } from "../facts.js";

/** What a rule found. */
export interface Suggestion {
  /** The rule's name. */
  readonly rule: string;
  /** What is seen, with the numbers that say so. */
  readonly seen: string;
  /** What may help. */
  readonly next: string;
}

/** A rule. */
export interface Rule {
  readonly name: string;
  /** When it fires, for people. */
  readonly when: string;
  /** What it finds in the results; empty where its numbers are not there or do not support it. */
  find(facts: ReportFacts): readonly Omit<Suggestion, "rule">[];
}

/** `0.712`; `–` for a gap. */
export function three(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(3).replace("-", "−");
}

/** `12 %`, `0.4 %`. */
export function share(value: number): string {
  return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
}

/** `12,000 rows`. */
export function rowsText(rows: number): string {
  return `${rows.toLocaleString("en-US")} row${rows === 1 ? "" : "s"}`;
}
