import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { specFromModelConfig } from "../../../parity/model-fragment.js";
import { configText, openConfig, printConfig, specFromConfig } from "../../../src/core/config/index.js";
import { featureWidth } from "../../../src/core/spec/feature/feature.js";
import { groupFeatures, towersPerTask } from "../../../src/core/spec/model.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { hasShared, sharedPath } from "../../shared.js";

describe.skipIf(!hasShared)("configs of the real TorchEasyRec (shared/golden)", () => {
  const text = hasShared ? readFileSync(sharedPath("golden", "whole-run", "pipeline.config"), "utf8") : "";

  it("the whole run's pipeline opens, prints and opens again without loss", () => {
    const config = openConfig(text);
    expect(openConfig(printConfig(config)).message).toEqual(config.message);
    const json = printConfig(config, { path: "pipeline.json" });
    expect(openConfig(json, { path: "pipeline.json" }).message).toEqual(config.message);
  });

  it("the whole run's pipeline becomes a spec that can be trained, and is printed as that spec", () => {
    const spec = specFromConfig(text);
    expect(validateSpec(spec)).toEqual([]);
    expect(spec.features.map((feature) => [feature.name, featureWidth(feature)])).toEqual([
      ["user_id", 16],
      ["age_level", 16],
      ["gender", 16],
      ["occupation", 16],
      ["adgroup_id", 16],
      ["cate_id", 16],
      ["brand", 16],
      ["pid", 16],
      ["price", 1],
    ]);
    expect(spec.training).toMatchObject({ epochs: 1, batchSize: 2048, shuffle: false, tablePlacement: "sparse" });
    expect(spec.towers[1]?.taskSpace).toEqual({ indicatorLabel: "clk", inWeight: 1, outWeight: 0 });
    expect(spec.extra).toEqual({
      model_dir: "run",
      eval_input_path: "eval.parquet",
      train_config: { log_step_count_steps: 10, use_tensorboard: false },
      eval_config: {},
      data_config: { num_workers: 1, pin_memory: false, fg_mode: "FG_NONE" },
    });
    expect(specFromConfig(configText(spec))).toEqual(spec);
  });

  it("every golden model is a spec with the golden's group widths", () => {
    const { cases } = JSON.parse(readFileSync(sharedPath("golden", "pepnet.json"), "utf8"));
    expect(cases.length).toBeGreaterThan(10);
    for (const golden of cases) {
      const spec = specFromModelConfig(golden.model_config, { groupDims: golden.group_dims });
      for (const { name } of spec.groups) {
        const [feature] = groupFeatures(spec, name) ?? [];
        const width = spec.features.filter((each) => each.name === feature).map(featureWidth);
        expect(width, `${golden.name}: ${name}`).toEqual([golden.inputs[name].shape[1]]);
      }
      const outputs = Object.keys(golden.predictions).filter((name) => /^(logits|y)_/.test(name));
      expect(outputs.length, golden.name).toBe(spec.towers.length * towersPerTask(spec));
    }
  });
});
