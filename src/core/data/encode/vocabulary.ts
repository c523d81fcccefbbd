/** Loads vocabulary files once and stores them in the spec as lists, so that later code knows the table's size. */
import { DataError, type Problem } from "../../errors/index.js";
import { type FeatureSpec, unfittedProblems } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { fileProblem, readTextSync } from "../../util/files/read-whole.js";

/** Replaces vocabulary files by their lines. Throws a DataError for unreadable files and unfitted features. */
export function resolveVocabularies(spec: ModelSpec, unfitted = false): ModelSpec {
  const problems: Problem[] = unfitted ? [] : unfittedProblems(spec);
  const features = spec.features.map((feature) => resolve(feature, problems));
  if (problems.length > 0) throw new DataError(problems);
  return features.every((feature, index) => feature === spec.features[index]) ? spec : { ...spec, features };
}

function resolve(feature: FeatureSpec, problems: Problem[]): FeatureSpec {
  if ((feature.kind !== "id" && feature.kind !== "combo") || feature.encoding.kind !== "vocabFile") return feature;
  const { path } = feature.encoding;
  try {
    const values = readTextSync(path, "text").split(/\r?\n/);
    if (values.at(-1) === "") values.pop();
    if (values.length > 0) return { ...feature, encoding: { kind: "vocabList", values } };
    problems.push({ path, message: `the vocabulary file of feature "${feature.name}" is empty` });
  } catch (error) {
    const message = `the vocabulary file of feature "${feature.name}" cannot be read`;
    problems.push({ path, fix: `the working directory is ${process.cwd()}`, ...fileProblem(error, message) });
  }
  return feature;
}
