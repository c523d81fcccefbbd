/** Rules for suggestions, as data. A rule fires only if the numbers support it, and its text states them. */
import type { ReportFacts } from "../facts.js";

/** How much a finding matters: conclusions do not hold, the model loses quality, or something is worth a look. */
export type Severity = "serious" | "moderate" | "minor";

/** A finding of a rule. */
export interface Suggestion {
  /** The rule's name. */
  readonly rule: string;
  /** How much it matters: conclusions do not hold, the model loses quality, or something is worth a look. */
  readonly severity: Severity;
  /** The observation, with its numbers. */
  readonly seen: string;
  /** A suggestion. It contradicts no suggestion before it, and the run has not done it already. */
  readonly next: string;
}

/** Something to do about a finding. */
export interface Action {
  /** What to do, in lower case, without a full stop. */
  readonly text: string;
  /** What it increases (1) or reduces (−1): two actions that pull one setting in two directions contradict each other. */
  readonly pulls?: readonly [setting: "length" | "learning rate" | "size" | "domains", direction: 1 | -1];
  /** Whether the run has done it. */
  readonly isDone?: (facts: ReportFacts) => boolean;
}

/** What a rule has found. */
export interface Finding {
  /** The observation, with its numbers. */
  readonly seen: string;
  /** What may help, best first: alternatives. */
  readonly actions: readonly Action[];
}

/** A rule. */
export interface Rule {
  readonly name: string;
  readonly severity: Severity;
  /** The condition, for readers. */
  readonly when: string;
  /** Its findings; empty if the numbers are missing or do not support one. */
  find(facts: ReportFacts): readonly Finding[];
}
