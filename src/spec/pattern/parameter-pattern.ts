/**
 * The patterns by which optimisers choose parameters, as TorchEasyRec takes them: Python's `re.fullmatch` on the whole
 * name. They come with configs and saved runs of others, so they are matched by RE2, in linear time.
 */
import type { RE2JS } from "re2js";
import { SpecError } from "../../errors/index.js";
import { UnsupportedPattern } from "./pattern-parts.js";
import { translatePattern } from "./python-pattern.js";

/** Most characters of a pattern. */
const mostCharacters = 500;

/** A pattern that is ready to match. */
export interface ParameterPattern {
  /** Whether it matches the whole name. @throws SpecError for a name that is matched otherwise in Python */
  matches(name: string): boolean;
}

/** What is wrong with a pattern, in words of a problem. */
export interface PatternFault {
  readonly message: string;
  readonly received: string;
  readonly expected: string;
  readonly fix?: string;
}

/** The compiled pattern, or what is wrong with it. */
export function parameterPattern(pattern: string): ParameterPattern | PatternFault {
  const received = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
  const expected = "a regular expression as Python's re.fullmatch takes it, such as model\\.epnet\\..*";
  if (pattern.length > mostCharacters) {
    const message = `the pattern has more than ${mostCharacters} characters`;
    return { message, received: `${pattern.length} characters`, expected };
  }
  try {
    const { re2, asciiNames } = translatePattern(pattern);
    return compiled(pattern, re2, asciiNames);
  } catch (error) {
    if (error instanceof UnsupportedPattern && error.what !== null) {
      const message = `the pattern has ${error.message}, which are not matched here: they can take forever`;
      return {
        message,
        received,
        expected,
        fix: "write it without, or as several patterns: the first that matches counts",
      };
    }
    const said = error instanceof UnsupportedPattern ? error.message : words(error);
    return { message: `not a regular expression: ${said}`, received, expected };
  }
}

/** The compiled pattern. @throws SpecError for one that is not matched here */
export function compilePattern(pattern: string): ParameterPattern {
  const found = parameterPattern(pattern);
  if (isFault(found)) throw new SpecError({ path: "training.partOptimizers", ...found });
  return found;
}

/** Whether it is one. */
export function isFault(found: ParameterPattern | PatternFault): found is PatternFault {
  return "message" in found;
}

function compiled(pattern: string, re2: string, asciiNames: boolean): ParameterPattern {
  const { RE2JS: Engine } = require("re2js") as typeof import("re2js");
  const expression: RE2JS = Engine.compile(re2);
  return {
    matches(name) {
      if (asciiNames && /[^\0-\x7f]/.test(name)) {
        throw new SpecError({
          path: "training.partOptimizers",
          message: "word boundaries (\\b, \\B) are found in ASCII names only",
          received: `the pattern ${JSON.stringify(pattern)} for the parameter ${name}`,
          fix: "write the characters around the word out",
        });
      }
      return expression.testExact(name);
    },
  };
}

/** RE2's own words, without what they begin with. */
function words(error: unknown): string {
  return (error as Error).message.replace(/^error parsing regexp: /, "");
}
