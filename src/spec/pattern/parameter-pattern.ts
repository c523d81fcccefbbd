/**
 * The patterns by which optimisers select parameters, with TorchEasyRec's semantics: Python's `re.fullmatch` on the
 * whole name. Patterns come from untrusted configs and saved runs, so they are matched by RE2, in linear time.
 */
import type { RE2JS } from "re2js";
import { SpecError } from "../../errors/index.js";
import { UnsupportedPattern } from "./pattern-parts.js";
import { translatePattern } from "./python-pattern.js";

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
