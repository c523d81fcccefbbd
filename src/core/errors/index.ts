/** Errors: each names the place, the received and expected value and a fix, and lists every problem found. */
import { visibleBlock, visibleLine } from "../util/text.js";

/** The kind of thing that a name should refer to. */
export type NameKind = "feature" | "feature or label" | "label" | "sample weight field" | "sequence group";

/** Kinds of problems that programs recognise. */
export type ProblemKind = `unknown ${NameKind}` | "domain column is not a label" | "folder contains a run";

/** One problem, addressed by a path such as `groups.uia[1]` or `train.parquet: row 7, column "buy"`. */
export interface Problem {
  /** The place: a spec path, a config path with line and column, or a file with row and column. */
  readonly path: string;
  /** The fault, in one sentence without a full stop. */
  readonly message: string;
  /** The received value, as the user would write it. */
  readonly received?: string | undefined;
  readonly expected?: string | undefined;
  readonly fix?: string | undefined;
  /** The kind of problem, for programs; only some problems have one. It is not part of the text. */
  readonly kind?: ProblemKind | undefined;
}

/** The base class of every error that this library throws on purpose. */
export class PepnetError extends Error {
  /** Every problem found, not only the first. */
  readonly problems: readonly Problem[];

  /** Takes a list of all problems found, or one problem, with the underlying error of another library as `cause`. */
  constructor(problems: (Problem & { readonly cause?: unknown }) | readonly Problem[], options?: { cause?: unknown }) {
    const { cause, ...one } = problems as Problem & { readonly cause?: unknown };
    const list: readonly Problem[] = Array.isArray(problems) ? problems : [one];
    super(describeProblems(list), cause === undefined ? options : { cause });
    this.name = new.target.name;
    this.problems = list;
  }

  /** The path of the first problem. */
  get path(): string {
    return this.problems[0]?.path ?? "";
  }
}

/** A model, feature or training description that cannot be built. */
export class SpecError extends PepnetError {}
/** A TorchEasyRec config that cannot be read, or a spec that TorchEasyRec cannot express. */
export class ConfigError extends PepnetError {}
/** Data that cannot be read, or does not fit the model. */
export class DataError extends PepnetError {}
/** A program that an engine cannot run, or an engine that is not installed. */
export class EngineError extends PepnetError {}
/** Training that went wrong while running (a loss that is NaN, say). */
export class TrainError extends PepnetError {}
/** A saved run, checkpoint or weight file that cannot be read or written. */
export class CheckpointError extends PepnetError {}
/** A notebook or kernel that cannot be started, executed or installed. */
export class NotebookError extends PepnetError {}

/** The maximum number of problems in the message; `problems` has all of them. */
const mostShown = 100;

function describeProblems(problems: readonly Problem[]): string {
  const blocks = problems.slice(0, mostShown).map(describeProblem);
  const rest = problems.length - blocks.length;
  return [...blocks, ...(rest > 0 ? [`… and ${rest.toLocaleString("en-US")} more`] : [])].join("\n\n");
}

function describeProblem(problem: Problem): string {
  const lines = [`${visibleLine(problem.path)}: ${part(problem.message)}`];
  if (problem.received !== undefined) lines.push(`  received: ${part(problem.received)}`);
  if (problem.expected !== undefined) lines.push(`  expected: ${part(problem.expected)}`);
  if (problem.fix !== undefined) lines.push(`  fix: ${part(problem.fix)}`);
  return lines.join("\n");
}

/** Escapes text, so that a name in it cannot control the terminal or imitate another part, such as a fix to type. */
function part(text: string): string {
  return visibleBlock(text).replace(/\r?\n(?=[^\p{L}\n]*(?:received|expected|fix)\s*:)/giu, "\\n");
}
