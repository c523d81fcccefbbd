/** A finding: something was seen, in a place, this much, with this to do. All findings share one order and one text format. */
import { count } from "../util/text.js";
import type { Problem } from "./index.js";

/**
 * How much a finding matters. `error`: training refuses it; `serious`: conclusions do not hold; `moderate`: the model
 * loses quality; `minor`: worth a look.
 */
export type Severity = "error" | "serious" | "moderate" | "minor";

const severities: readonly Severity[] = ["error", "serious", "moderate", "minor"];

/** A row that shows a finding. */
export interface ExampleRow {
  readonly source: string;
  readonly row: number;
  readonly value: string;
}

/** What a judge saw. Its `path` is the place: a column of a file, a part of the model, a task, a domain. */
export interface Finding extends Problem {
  readonly severity: Severity;
  /** The name of the judge that saw it, which docs/what-a-verdict-means.md lists; missing: a fault that is certain. */
  readonly judge?: string | undefined;
  /** The column that it is about, if it is about one. */
  readonly column?: string | undefined;
  /** Number of affected rows; missing: it is about a column, a task or the whole model. */
  readonly rows?: number | undefined;
  readonly examples?: readonly ExampleRow[] | undefined;
  /** How large it is, for the order within a severity: the AUC at stake, or how often it exceeds a limit. Default: 0. */
  readonly size?: number | undefined;
}

/** The order of every list of findings: by severity, then by size. */
export function ranked<F extends Pick<Finding, "severity" | "size">>(findings: readonly F[]): F[] {
  const rank = ({ severity }: F): number => severities.indexOf(severity);
  // Two infinite sizes have no difference.
  return [...findings].sort((a, b) => rank(a) - rank(b) || (b.size ?? 0) - (a.size ?? 0) || 0);
}

/** A finding as a line, for notes. */
export function findingText({ path, message, received, rows, expected, fix }: Omit<Finding, "severity">): string {
  const what = received === undefined ? message : `${message}: ${received}`;
  const affected = rows === undefined ? "" : ` (${count(rows, "row")})`;
  const help = fix ?? expected;
  return `${path}: ${what}${affected}${help === undefined ? "" : `; ${help}`}`;
}

/** A judge reads facts and reports findings. Without the facts that it needs, it reports nothing. */
export interface Judge {
  readonly name: string;
  readonly severity: Severity;
  /** The condition; docs list it. */
  readonly when: string;
  /** The test that checks how often it errs, and whether it detects real cases. */
  readonly heldBy: string;
}

/** The result of a judge: its name and severity are added by the caller. */
export interface Observation extends Omit<Finding, "judge" | "severity"> {
  /** Default: the judge's. */
  readonly severity?: Severity;
}
