/** Patterns of optimisers match as TorchEasyRec does it, by Python's re.fullmatch, and end at once. */

import { execFileSync } from "node:child_process";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFault, type ParameterPattern, parameterPattern } from "../../../src/core/spec/pattern.js";
import { cases } from "../../faults/fuzz/fuzzing.js";

const python = process.env["PEPNET_PYTHON"] ?? "python3";
const hasPython = (() => {
  try {
    execFileSync(python, ["-c", ""], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const matcher = (pattern: string): ParameterPattern => {
  const found = parameterPattern(pattern);
  if (isFault(found)) throw new Error(found.message);
  return found;
};

describe("a pattern", () => {
  it.each([
    ["model\\.epnet\\..*", "model.epnet.gate.0.weight", true],
    ["model\\.epnet\\..*", "model_epnet.gate", false],
    ["epnet", "model.epnet", false], // the whole name
    ["(.*)booster_mlp(.*)", "model.booster_mlp.0.weight", true],
    ["a|ab", "ab", true],
    [".*_日\\w+", "x_日本", true],
    ["\\d+", "٣", true],
    ["a{,2}", "aa", true],
    ["a{,2}", "a{,2}", false],
    ["a{x}", "a{x}", true],
    ["[[:a]+", "[:a", true],
    ["\\Aab\\Z", "ab", true],
    ["(?P<part>epnet|ppnet)\\..*", "ppnet.x", true],
    ["(?i)EPNET", "epnet", true],
    ["\\W[.]+", "-.", true],
    ["[\\w.\\-a-c]+", "x.-", true],
    ["[a-b\\--]+", "b-a", true],
    ["", "", true],
  ])("%j on %j: %s", (pattern, name, expected) => {
    expect(matcher(pattern).matches(name)).toBe(expected);
  });

  it.each([
    ["(?=a)a", /lookaheads \(\(\?=, at character 1\)/],
    ["a(?!b).*", /lookaheads \(\(\?!, at character 2\)/],
    ["(?<=a)b", /lookbehinds/],
    ["(?<!a)b", /lookbehinds/],
    ["(a)\\1", /backreferences \(\\1/],
    ["(?P<x>a)(?P=x)", /backreferences/],
    ["(?>a)", /atomic groups/],
    ["a++", /possessive quantifiers \(\+\+/],
    ["(a)?(?(1)b|c)", /conditions/],
    ["(?x)a b", /flags other than \(\?i\) at the start \(\(\?x\)/],
    ["a(?i)", /flags other than/],
    ["(?#c)a", /comments/],
    ["\\bgate\\b", /word boundaries \(\\b, at character 1\)/],
    ["\\x41", /letters and numbers after a backslash other than/],
    ["[^\\W]", /sets with complements/],
    ["a{101}", /more than 100 repetitions/],
    ["(a{100}){100}", /not a regular expression/],
    ["a{3,1}", /has a maximum below its minimum/],
    ["(", /not a regular expression: missing closing \)/],
    [")", /not a regular expression: unexpected \)/],
    ["[a", /not a regular expression: \[a is cut off or not valid, at character 1/],
    ["*", /has nothing to repeat/],
    ["a**", /repeats a quantifier/],
    ["\\", /\\ is cut off or not valid/],
    ["\\p{L}", /\\p\{ is cut off or not valid/],
    ["\\z", /\\z is cut off or not valid/],
    ["[z-a]", /not a regular expression: invalid character class range/],
    ["(?<x>a)", /\(\?< is cut off or not valid/],
    ["a".repeat(501), /more than 500 characters/],
  ])("%j is refused by name", (pattern, message) => {
    const found = parameterPattern(pattern);
    expect(isFault(found) && `${found.message}`).toMatch(message);
  });

  it.each(["(a+)+$", "(a|a)*b", "(.*)*x", "(a*)*(b*)*c", "(?:a?){50}a{50}", "([a-z]+)*\\d", "(.*){1,100}y"])(
    "%j ends on long names, which take forever elsewhere",
    (pattern) => {
      expect(matcher(pattern).matches(`${"a".repeat(5000)}!`)).toBe(false);
    },
  );
});

describe.runIf(hasPython)("beside Python's re", () => {
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(..."ab.A_0-é日 ") },
    fc.constantFrom(..."()[]{}|^$*+?\\.,!<>=:#P"),
    fc.constantFrom("(?:", "(?P<n>", "(?i)", "(?s)", "(?m)", "(?i:", "(?-i:", "(?#c)", "[^", "[a-", "[]", "[^]"),
    fc.constantFrom("\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "\\b", "\\B", "\\A", "\\Z", "\\n", "\\x41", "\\u00e9"),
    fc.constantFrom("\\0", "\\01", "\\101", "\\1", "\\8", "\\.", "\\-", "\\a", "\\N", "\\U00000041", "\\x4", "\\é"),
    fc.constantFrom(
      "{2}",
      "{,2}",
      "{1,}",
      "{1,2}",
      "{,}",
      "{}",
      "{a",
      "{2",
      "*?",
      "+?",
      "??",
      "(?=",
      "(?!",
      "(?<=",
      "(?>",
    ),
  );
  const pattern = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
  const name = fc
    .array(fc.constantFrom(..."abA_0.-é日 {},2[]^$!", "\u0007", "\u0001", "٣", "\u00a0"), {
      minLength: 1,
      maxLength: 5,
    })
    .map((letters) => letters.join(""));

  it("matches the same names, and takes nothing that Python refuses", () => {
    const sample = fc.tuple(pattern, fc.array(name, { minLength: 6, maxLength: 6 }));
    const { numRuns, seed } = cases(4000, 21);
    const all = fc.sample(sample, { numRuns, seed });
    const input = JSON.stringify(all);
    const script = path.resolve(__dirname, "pattern.py");
    const said = JSON.parse(execFileSync(python, [script], { input, maxBuffer: 1e9 }).toString()) as (
      | boolean[]
      | null
    )[];
    let matched = 0;
    for (const [index, [text, names]] of all.entries()) {
      const found = parameterPattern(text);
      const answer = said[index]!;
      if (isFault(found)) {
        if (answer !== null)
          expect([text, found.message]).toEqual([text, expect.stringMatching(/which are not supported here/)]);
        continue;
      }
      expect([text, answer]).toEqual([text, expect.any(Array)]);
      names.forEach((each, at) => {
        const own = attempt(() => found.matches(each));
        if (own !== null) expect([text, each, own]).toEqual([text, each, answer![at]]);
        if (own === true) matched++;
      });
    }
    expect(matched).toBeGreaterThan(numRuns / 100);
  });
});

/** `null`: it is refused. */
function attempt(work: () => boolean): boolean | null {
  try {
    return work();
  } catch {
    return null;
  }
}
