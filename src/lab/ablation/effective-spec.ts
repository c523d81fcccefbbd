/** The part of a spec that decides what a run computes, without settings that have no effect on it. */
import { emptySpec, hasEpnet, hasPpnet, type ModelSpec, towersPerTask, usedFeatures } from "../../core/spec/model.js";
import type { JsonObject } from "../../core/util/json.js";

const idleFields = ["train_input_path", "eval_input_path", "model_dir", "export_config", "feature_config_path"];
const idleTrainFields = /^(save_checkpoints|log_step_count|is_profiling|use_tensorboard|tensorboard|fine_tune)/;

/**
 * The effective part as JSON, without the seed, since a study has several. Custom layers keep their name and source.
 */
export function effectiveSpec(spec: ModelSpec): JsonObject {
  const { switches, domains, features, training } = spec;
  const defaults = emptySpec.switches;
  const gated = hasPpnet(spec) && switches.ppnet;
  const anyGate = hasEpnet(spec) || gated;
  const used = usedFeatures(spec);
  const entries = Object.entries(spec.extra).filter(([field]) => !idleFields.includes(field));
  const plain: unknown = {
    ...spec,
    features: features.map((feature) => (used.has(feature.name) ? feature : { ...feature, embeddingDim: null })),
    epnet: hasEpnet(spec) ? spec.epnet : null,
    ppnet: hasPpnet(spec) ? { ...spec.ppnet, gamma: gated ? spec.ppnet.gamma : null } : null,
    domains: domains && { column: domains.column, count: domains.count },
    switches: {
      gatePlacement: gated ? switches.gatePlacement : defaults.gatePlacement,
      stopGradient: anyGate ? switches.stopGradient : defaults.stopGradient,
      detachPriors: anyGate ? switches.detachPriors : defaults.detachPriors,
      learnableGamma: anyGate ? switches.learnableGamma : defaults.learnableGamma,
      towers: towersPerTask(spec),
      epnet: hasEpnet(spec),
      ppnet: gated,
    },
    training: { ...training, seed: null },
    extra: Object.fromEntries(
      entries.map(([field, value]) => {
        if (field !== "train_config") return [field, value];
        const fields = Object.entries(value as JsonObject).filter(([name]) => !idleTrainFields.test(name));
        return [field, Object.fromEntries(fields)];
      }),
    ),
  };
  return JSON.parse(JSON.stringify(plain)) as JsonObject;
}
