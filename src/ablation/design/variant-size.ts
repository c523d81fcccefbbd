import { type ModelSpec, modelSize } from "../../spec/index.js";
import type { StudyVariant } from "../study-report.js";

/** Of a separate model for each domain: the parameters of all of them, and the cost of the one that a row passes. */
export function variantSize(spec: ModelSpec): Pick<StudyVariant, "denseParameters" | "trainingFlopsPerRow"> {
  const { denseParameters, trainingFlopsPerRow } = modelSize(spec);
  const models = spec.baseline?.kind === "single_domain" ? (spec.domains?.count ?? 1) : 1;
  return { denseParameters: models * denseParameters, trainingFlopsPerRow };
}
