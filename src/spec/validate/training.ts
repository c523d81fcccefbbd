/** Validates the training settings. */
import type { RE2JS } from "re2js";
import { type Problem, SpecError } from "../../errors/index.js";
import { characterCode, escapeAt, type Scanner, setAt, UnsupportedPattern, wrong } from "../pattern-parts.js";
import type {
  DenseOptimizerSpec,
  GradClippingSpec,
  LearningRateSpec,
  PartOptimizerSpec,
  SparseOptimizerSpec,
  TrainingSpec,
} from "../training.js";
import { checkCount, checkEach, checkName, checkNumber, type NumberRange, show } from "./checks.js";

/**
 * Translates Python's regular expressions to RE2's, which match in linear time. TorchEasyRec matches patterns with
 * Python's `re`. Features that RE2 lacks (look-around, backreferences, atomic groups) are rejected by name, and
 * syntax with a different meaning in RE2 (`\w`, `{,3}`, `\Z`) is rewritten.
 */

/** A pattern for RE2, and the names for which its result equals Python's. */
export interface TranslatedPattern {
  readonly re2: string;
  /** True if the pattern has word boundaries: RE2's support ASCII only. */
  readonly asciiNames: boolean;
}

/** The kind of item before a quantifier. */
type Before = "nothing" | "atom" | "repeated";

/** @throws UnsupportedPattern for a pattern that is invalid in Python or that RE2 cannot match */
export function translatePattern(pattern: string): TranslatedPattern {
  const scanner: Scanner = { text: pattern, at: 0 };
  const out: string[] = [];
  const names = new Set<string>();
  let before: Before = "nothing";
  let depth = 0;
  let asciiNames = false;
  const atom = (text: string): void => {
    out.push(text);
    before = "atom";
  };
  while (scanner.at < pattern.length) {
    const from = scanner.at;
    const character = String.fromCodePoint(pattern.codePointAt(from)!);
    scanner.at += character.length;
    if (character === "\\") {
      const translation = escapeAt(scanner);
      out.push(translation.re2);
      before = translation.anchor ? "nothing" : "atom";
      asciiNames ||= translation.asciiNames;
    } else if (character === "[") {
      atom(setAt(scanner));
    } else if (character === "(") {
      const opened = openGroup(
        scanner,
        names,
        out.every((part) => part.startsWith("(?") && part.endsWith(")")),
      );
      if (opened === null) continue;
      out.push(opened);
      if (opened.endsWith(")")) continue;
      before = "nothing";
      depth++;
    } else if (character === ")") {
      if (depth-- === 0) throw wrong("a ) without a (", from);
      atom(")");
    } else if (character === "|" || character === "^" || character === "$") {
      out.push(character);
      before = "nothing";
    } else if (character === ".") {
      atom(".");
    } else {
      const quantifier = quantifierAt(scanner, character);
      if (quantifier === null) {
        atom(characterCode(character));
        continue;
      }
      if (before === "nothing") throw wrong(`${pattern.slice(from, scanner.at)} has nothing to repeat`, from);
      if (before === "repeated") throw wrong(`${pattern.slice(from, scanner.at)} repeats a quantifier`, from);
      if (pattern[scanner.at] === "+") throw new UnsupportedPattern("possessive quantifiers", `${character}+`, from);
      if (pattern[scanner.at] === "?") scanner.at++; // laziness does not change a full match
      out.push(quantifier);
      before = "repeated";
    }
  }
  if (depth > 0) throw wrong("a ( without a )", pattern.length);
  return { re2: out.join(""), asciiNames };
}

/** The maximum number of repetitions: RE2 allows 1,000, and each copies the repeated part. */
const mostRepeats = 100;

/** `null`: the character is literal. */
function quantifierAt(scanner: Scanner, character: string): string | null {
  if ("*+?".includes(character)) return character;
  if (character !== "{") return null;
  const match = /^(\d*)(,(\d*))?\}/.exec(scanner.text.slice(scanner.at));
  if (match === null || match[0] === "}") return null;
  const from = scanner.at - 1;
  scanner.at += match[0].length;
  const [, least = "", range, most = ""] = match;
  const low = Number(least || 0);
  const high = range === undefined ? low : most === "" ? null : Number(most);
  if (high !== null && high < low) throw wrong(`{${match[0]} has a maximum below its minimum`, from);
  if (Math.max(low, high ?? 0) > mostRepeats) {
    throw new UnsupportedPattern(`more than ${mostRepeats} repetitions`, `{${match[0]}`, from);
  }
  return `{${low}${high === low ? "" : `,${high ?? ""}`}}`;
}

/** Group prefixes that RE2 lacks. */
const unsupported: readonly (readonly [string, string])[] = [
  ["?=", "lookaheads"],
  ["?!", "lookaheads"],
  ["?<=", "lookbehinds"],
  ["?<!", "lookbehinds"],
  ["?>", "atomic groups"],
  ["?P=", "backreferences"],
  ["?(", "conditions"],
];

/**
 * Translates the start of a group, or flags for the whole rest; `null` for a comment.
 * @param first whether only flags precede it
 */
function openGroup(scanner: Scanner, names: Set<string>, first: boolean): string | null {
  const from = scanner.at - 1;
  const rest = scanner.text.slice(scanner.at);
  if (!rest.startsWith("?")) return "(?:";
  const refused = unsupported.find(([start]) => rest.startsWith(start));
  if (refused !== undefined) throw new UnsupportedPattern(refused[1], `(${refused[0]}`, from);
  const comment = /^\?#[^)]*\)/.exec(rest);
  const named = /^\?P<([\p{ID_Start}_][\p{ID_Continue}]*)>/u.exec(rest);
  const flags = /^\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])/.exec(rest);
  const taken = comment ?? named ?? flags;
  if (taken === null) throw wrong(`(${rest.slice(0, 3)} does not start a group`, from);
  scanner.at += taken[0].length;
  if (comment !== null) return null;
  if (named !== null) {
    const name = named[1]!;
    if (names.has(name)) throw wrong(`two groups are named ${name}`, from);
    names.add(name);
    return "(?:";
  }
  return flagGroup(taken, from, first);
}

function flagGroup([, on = "", off = "", end = ""]: RegExpExecArray, from: number, first: boolean): string {
  const group = `(?${on}${off}${end}`;
  if (end === ")" && (on === "" || off !== "")) throw wrong(`${group} does not start a group`, from);
  if (end === ")" && !first) throw wrong(`the flags ${group} are not at the start`, from);
  const other = [...on, ...off.slice(1)].find((flag) => !"ims".includes(flag));
  if (other !== undefined && !(other === "u" && end === ")" && /^[imsu]+$/.test(on))) {
    throw new UnsupportedPattern(`the flag ${other}`, group, from);
  }
  if ([...on].some((flag) => off.includes(flag))) throw wrong(`${group} turns the same flag on and off`, from);
  const flags = on.replaceAll("u", ""); // Python's default
  return flags === "" && off === "" ? (end === ":" ? "(?:" : "(?:)") : `(?${flags}${off}${end}`;
}

/**
 * The patterns by which optimisers select parameters, with TorchEasyRec's semantics: Python's `re.fullmatch` on the
 * whole name. Patterns come from untrusted configs and saved runs, so they are matched by RE2, in linear time.
 */

/** The maximum length of a pattern. */
const mostCharacters = 500;

/** A compiled pattern. */
export interface ParameterPattern {
  /** Whether it matches the whole name. @throws SpecError if Python could return another result for this name */
  matches(name: string): boolean;
}

/** The problem with a pattern, without its path. */
export interface PatternFault {
  readonly message: string;
  readonly received: string;
  readonly expected: string;
  readonly fix?: string;
}

/** Compiles a pattern, or returns the problem with it. */
export function parameterPattern(pattern: string): ParameterPattern | PatternFault {
  const received = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
  const expected = "a regular expression for Python's re.fullmatch, such as model\\.epnet\\..*";
  if (pattern.length > mostCharacters) {
    const message = `the pattern has more than ${mostCharacters} characters`;
    return { message, received: `${pattern.length} characters`, expected };
  }
  try {
    const { re2, asciiNames } = translatePattern(pattern);
    return compiled(pattern, re2, asciiNames);
  } catch (error) {
    if (error instanceof UnsupportedPattern && error.what !== null) {
      const message = `the pattern has ${error.message}, which are not supported here because matching them can take forever`;
      return {
        message,
        received,
        expected,
        fix: "write the pattern without them, or as several patterns: the first that matches counts",
      };
    }
    const reason = error instanceof UnsupportedPattern ? error.message : words(error);
    return { message: `not a regular expression: ${reason}`, received, expected };
  }
}

/** Compiles a pattern. @throws SpecError for an unsupported pattern */
export function compilePattern(pattern: string): ParameterPattern {
  const result = parameterPattern(pattern);
  if (isFault(result)) throw new SpecError({ path: "training.partOptimizers", ...result });
  return result;
}

/** Whether {@link parameterPattern} returned a problem. */
export function isFault(result: ParameterPattern | PatternFault): result is PatternFault {
  return "message" in result;
}

function compiled(pattern: string, re2: string, asciiNames: boolean): ParameterPattern {
  const { RE2JS: Engine } = require("re2js") as typeof import("re2js");
  const expression: RE2JS = Engine.compile(re2);
  return {
    matches(name) {
      if (asciiNames && /[^\0-\x7f]/.test(name)) {
        throw new SpecError({
          path: "training.partOptimizers",
          message: "word boundaries (\\b, \\B) are supported for ASCII names only",
          received: `the pattern ${JSON.stringify(pattern)} for the parameter ${name}`,
          fix: "write out the characters around the word",
        });
      }
      return expression.testExact(name);
    },
  };
}

/** RE2's message without its prefix. */
function words(error: unknown): string {
  return (error as Error).message.replace(/^error parsing regexp: /, "");
}

/** All problems of the training settings. */
export function trainingProblems(training: TrainingSpec): Problem[] {
  return [
    ...lengthProblems(training),
    ...(training.batchSize === null ? [] : checkCount("training.batchSize", training.batchSize)),
    ...(training.evalBatchSize === null ? [] : checkCount("training.evalBatchSize", training.evalBatchSize)),
    ...checkNumber("training.seed", training.seed, { least: 0, integer: true }),
    ...optimizerProblems("training.dense", training.dense),
    ...learningRateProblems("training.denseLearningRate", training.denseLearningRate),
    ...optimizerProblems("training.sparse", training.sparse),
    ...learningRateProblems("training.sparseLearningRate", training.sparseLearningRate),
    ...partsProblems(training.partOptimizers),
    ...(training.emaDecay === null ? [] : checkNumber("training.emaDecay", training.emaDecay, { least: 0, below: 1 })),
    ...checkCount("training.gradientAccumulation", training.gradientAccumulation),
    ...(training.gradClipping === null ? [] : clippingProblems(training.gradClipping)),
  ];
}

function lengthProblems({ epochs, steps }: TrainingSpec): Problem[] {
  if (epochs !== null && steps !== null) {
    return [
      {
        path: "training",
        message: "epochs and steps are both set",
        received: `epochs ${epochs}, steps ${steps}`,
        expected: "one of the two, or neither (the length then follows from the number of rows)",
        fix: ".train({ epochs: 1 }) or .train({ steps: 1000 })",
      },
    ];
  }
  if (steps !== null) return checkCount("training.steps", steps);
  return epochs === null ? [] : checkCount("training.epochs", epochs);
}

/** Ranges of optimiser settings, by name; a learning rate of 0 is allowed (it freezes the part). */
const settingRanges: Readonly<Record<string, NumberRange>> = {
  lr: { least: 0 },
  momentum: { least: 0 },
  weightDecay: { least: 0 },
  initialAccumulator: { least: 0 },
  eps: { least: 0 },
  beta1: { least: 0, below: 1 },
  beta2: { least: 0, below: 1 },
  rho: { least: 0, most: 1 },
  alpha: { least: 0 },
  maxGradient: { above: 0 },
};

function optimizerProblems(path: string, optimizer: DenseOptimizerSpec | SparseOptimizerSpec): Problem[] {
  if (optimizer.kind === "other") return [];
  const problems = Object.entries(optimizer).flatMap(([name, value]) => {
    const range = settingRanges[name];
    return range !== undefined && typeof value === "number" ? checkNumber(`${path}.${name}`, value, range) : [];
  });
  if ("nesterov" in optimizer && optimizer.nesterov && (optimizer.momentum <= 0 || optimizer.dampening !== 0)) {
    problems.push({
      path: `${path}.nesterov`,
      message: "Nesterov needs a momentum and no dampening",
      received: `momentum ${optimizer.momentum}, dampening ${optimizer.dampening}`,
      expected: "momentum > 0, dampening 0",
    });
  }
  return problems;
}

function learningRateProblems(path: string, rate: LearningRateSpec): Problem[] {
  switch (rate.kind) {
    case "constant":
      return [];
    case "manual_step":
      return manualStepProblems(path, rate);
    case "exponential_decay":
      return [
        ...checkCount(`${path}.decaySize`, rate.decaySize),
        ...checkNumber(`${path}.decayFactor`, rate.decayFactor, { above: 0 }),
        ...warmupProblems(path, rate),
      ];
    case "cosine_annealing":
      return [...checkCount(`${path}.tMax`, rate.tMax), ...warmupProblems(path, rate)];
    case "cosine_annealing_warm_restarts":
      return [
        ...checkCount(`${path}.t0`, rate.t0),
        ...checkCount(`${path}.tMult`, rate.tMult),
        ...warmupProblems(path, rate),
      ];
  }
}

function manualStepProblems(path: string, rate: Extract<LearningRateSpec, { kind: "manual_step" }>): Problem[] {
  const { scheduleSizes, learningRates, warmup } = rate;
  const problems = [
    // A warm-up ends at the first size.
    ...checkEach(`${path}.scheduleSizes`, scheduleSizes, { least: warmup ? 1 : 0, integer: true }),
    ...checkEach(`${path}.learningRates`, learningRates, { least: 0 }),
  ];
  if (scheduleSizes.length === 0 || scheduleSizes.length !== learningRates.length) {
    problems.push({
      path,
      message: "the numbers of learning rates and schedule sizes differ, or both are 0",
      received: `${scheduleSizes.length} sizes, ${learningRates.length} rates`,
      expected: "non-empty lists of the same length",
    });
  }
  scheduleSizes.forEach((size, index) => {
    if (index === 0 || size > scheduleSizes[index - 1]!) return;
    problems.push({
      path: `${path}.scheduleSizes[${index}]`,
      message: "schedule sizes must be ascending",
      received: show(size),
      expected: `more than ${scheduleSizes[index - 1]}`,
    });
  });
  return problems;
}

function warmupProblems(
  path: string,
  rate: { readonly warmupSize: number; readonly warmupLearningRate: number; readonly minLearningRate: number },
): Problem[] {
  return [
    ...checkCount(`${path}.warmupSize`, rate.warmupSize, 0),
    ...checkNumber(`${path}.warmupLearningRate`, rate.warmupLearningRate, { least: 0 }),
    ...checkNumber(`${path}.minLearningRate`, rate.minLearningRate, { least: 0 }),
  ];
}

/** Each pattern is compared with every parameter. */
const mostParts = 100;

function partsProblems(parts: readonly PartOptimizerSpec[]): Problem[] {
  if (parts.length <= mostParts) return parts.flatMap(partProblems);
  const message = "too many part optimisers";
  return [
    { path: "training.partOptimizers", message, received: String(parts.length), expected: `at most ${mostParts}` },
  ];
}

function partProblems(part: PartOptimizerSpec, index: number): Problem[] {
  const path = `training.partOptimizers[${index}]`;
  return [
    ...patternProblems(`${path}.pattern`, part.pattern),
    ...optimizerProblems(`${path}.optimizer`, part.optimizer),
    ...learningRateProblems(`${path}.learningRate`, part.learningRate),
  ];
}

function patternProblems(path: string, pattern: string): Problem[] {
  const problems = checkName(path, pattern);
  if (problems.length > 0) return problems;
  const result = parameterPattern(pattern);
  return isFault(result) ? [{ path, ...result }] : [];
}

function clippingProblems(clipping: GradClippingSpec): Problem[] {
  return [
    ...checkNumber("training.gradClipping.maxGradient", clipping.maxGradient, { above: 0 }),
    ...checkNumber("training.gradClipping.normType", clipping.normType, { above: 0 }),
  ];
}
