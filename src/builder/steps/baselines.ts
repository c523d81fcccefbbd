/** Models to compare PEPNet with: pure functions from its spec to another's, with the same features and towers. */
import { SpecError } from "../../errors/index.js";
import { type BaselineSpec, hasPpnet, type ModelSpec } from "../../spec/index.js";
import { deepFreeze } from "../../util/freeze.js";
import { withSwitches } from "./with-modules.js";

/** Most experts of an MMoE. */
const mostExperts = 256;

/** Without gates: shared embeddings, hidden layers per task, a tower per task and domain. */
export function withoutGates(spec: ModelSpec): ModelSpec {
  return withSwitches(spec, { epnet: false, ppnet: false });
}

/** Without gates; hidden layers are experts that all tasks share. @throws SpecError for a model without PPNet's layers */
export function withExperts(spec: ModelSpec, experts: number): ModelSpec {
  if (!Number.isInteger(experts) || experts < 1 || experts > mostExperts) {
    throw new SpecError({
      path: "mmoe.experts",
      message: "not a number of experts",
      received: JSON.stringify(experts) ?? String(experts),
      expected: `a whole number from 1 to ${mostExperts}`,
      fix: "mmoe({ experts: 4 })",
    });
  }
  if (!hasPpnet(spec) || spec.ppnet.hidden.length === 0) {
    throw new SpecError({
      path: "mmoe",
      message: "an expert has the sizes of PPNet's layers, but the model has none",
      expected: "a model with PPNet",
      fix: 'add .group("uia", […]).ppnet({ hidden: [128, 64] })',
    });
  }
  return withBaseline(withoutGates(spec), { kind: "mmoe", experts });
}

/** A separate model for each domain, without gates. @throws SpecError for a model without domains */
export function withModelPerDomain(spec: ModelSpec): ModelSpec {
  if (spec.domains === null) {
    throw new SpecError({
      path: "singleDomain",
      message: "the model has no domains",
      fix: "add .domains(column, names)",
    });
  }
  const alone = withSwitches(withoutGates(spec), { sharedTowers: true });
  return withBaseline(alone, { kind: "single_domain" });
}

function withBaseline(spec: ModelSpec, baseline: BaselineSpec): ModelSpec {
  return deepFreeze({ ...spec, baseline });
}
