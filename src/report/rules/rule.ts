/** Rules for suggestions, as data. A rule fires only if the numbers support it, and its text states them. */
import type { ReportFacts } from "../facts.js";

/** A finding of a rule. */
export interface Suggestion {
  /** The rule's name. */
  readonly rule: string;
  /** The observation, with its numbers. */
  readonly seen: string;
  /** A suggestion. */
  readonly next: string;
}

/** A rule. */
export interface Rule {
  readonly name: string;
  /** The condition, for readers. */
  readonly when: string;
  /** Its findings; empty if the numbers are missing or do not support one. */
  find(facts: ReportFacts): readonly Omit<Suggestion, "rule">[];
}
