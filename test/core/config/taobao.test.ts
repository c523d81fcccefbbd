import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { configText, diffConfigs, openConfig, printConfig, specFromConfig } from "../../../src/core/config/index.js";
import { groupFeatures } from "../../../src/core/spec/model.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";

const read = (name: string): string => readFileSync(path.resolve(__dirname, "../../../configs", name), "utf8");
const text = read("pepnet_taobao.config");
const document = read("pepnet_taobao_document.config");

describe("the Taobao configs", () => {
  it("describe the document's sample as a model that can be trained", () => {
    const spec = specFromConfig(text);
    expect(validateSpec(spec)).toEqual([]);
    expect(spec.features).toHaveLength(17);
    expect(groupFeatures(spec, "all")).toHaveLength(17);
    expect(groupFeatures(spec, "domain")).toEqual(["occupation"]);
    expect(groupFeatures(spec, "uia")).toEqual(["user_id", "adgroup_id"]);
    expect(spec.domains).toEqual({ column: "occupation", count: 3, names: null });
    expect(spec.ppnet.hidden).toEqual([512, 256]);
    expect(spec.towers.map(({ name, label, metrics }) => [name, label, metrics])).toEqual([
      ["ctr", "clk", [{ kind: "auc", thresholds: 200 }]],
      ["cvr", "buy", [{ kind: "auc", thresholds: 1000 }]],
    ]);
    expect(spec.extra).toEqual({ eval_config: {}, data_config: { num_workers: 8 } });
  });

  it("give the same spec in the document's own spelling, which is printed as TorchEasyRec's", () => {
    expect(document).toContain("wide_deep: DEEP");
    expect(document).toContain("feature_groups: {");
    expect(specFromConfig(document)).toEqual(specFromConfig(text));
    expect(diffConfigs(openConfig(document), openConfig(text))).toEqual([]);
    const printed = printConfig(openConfig(document));
    expect(printed).not.toContain("wide_deep");
    expect(printed).toContain("group_type: DEEP");
  });

  it("are printed as they are written, below their comments", () => {
    const body = text.replace(/^(#.*\n)+/, "");
    expect(printConfig(openConfig(text))).toBe(body);
    expect(openConfig(configText(specFromConfig(text))).message).toEqual(openConfig(text).message);
  });
});
