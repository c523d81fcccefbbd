/**
 * The last step of a feature builder: checks that the feature is complete and valid.
 */
import type { Problem } from "../../errors/index.js";
import { SpecError } from "../../errors/index.js";
import type { FeatureSpec, IdEncoding } from "../../spec/index.js";
import { featureProblems } from "../../spec/validate/index.js";
import { deepFreeze } from "../../util/freeze.js";
import type { EncodedDraft } from "./feature.js";

/** Returns the completed draft, or throws a {@link SpecError} that lists the missing settings. */
export function requireEncoded(
  name: string,
  call: string,
  draft: EncodedDraft,
): EncodedDraft & { encoding: IdEncoding; embeddingDim: number } {
  const { encoding, embeddingDim } = draft;
  const problems: Problem[] = [];
  if (encoding === null) {
    problems.push({
      path: `features.${name}.encoding`,
      message: `the encoding of "${name}" is missing`,
      received: call,
      expected: call.startsWith("idFeature")
        ? ".buckets(count), .hash(size), .vocab(), .vocab([…]), .vocabDict({…}) or .vocabFile(path)"
        : ".hash(size), .vocab(), .vocab([…]), .vocabDict({…}) or .vocabFile(path)",
      fix: `${call}.hash(100_000).embedding(16)`,
    });
  }
  if (embeddingDim === null) {
    problems.push({
      path: `features.${name}.embeddingDim`,
      message: `"${name}" has no embedding dim`,
      received: call,
      expected: ".embedding(dim)",
      fix: `${call} … .embedding(16)`,
    });
  }
  if (encoding === null || embeddingDim === null) throw new SpecError(problems);
  return { ...draft, encoding, embeddingDim };
}

/** Returns the frozen feature, or throws a {@link SpecError} with all problems. */
export function finishFeature<S extends FeatureSpec>(feature: S): S {
  const problems = featureProblems(feature, { isUsed: true, readsExpressions: true });
  if (problems.length > 0) throw new SpecError(problems);
  return deepFreeze(feature);
}
