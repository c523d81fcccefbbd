/** Sequence features, groups and encoders in configs. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configText } from "../../../src/core/config/config-from-spec.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { ConfigError } from "../../../src/core/errors/index.js";
import { groupParts, tableSizes } from "../../../src/core/spec/sizes.js";
import { hasShared, sharedPath } from "../../shared.js";

interface Golden {
  readonly name: string;
  readonly feature_configs: string;
  readonly model_config: string;
  readonly label_fields?: readonly string[];
  readonly group_dims?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly params: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  readonly stage?: string;
}

const golden: { readonly cases: readonly Golden[]; readonly refusals: readonly Golden[] } = hasShared
  ? JSON.parse(readFileSync(sharedPath("golden", "sequences.json"), "utf8"))
  : { cases: [], refusals: [] };

function pipeline({ feature_configs, model_config, label_fields = ["clk", "buy", "scene"] }: Golden): string {
  const labels = label_fields.map((label) => `label_fields: "${label}"`).join(" ");
  return `data_config { fg_mode: FG_NONE ${labels} sample_weight_fields: "w" } ${feature_configs} model_config { ${model_config} }`;
}

/** Refused when the model is built or when data is read, not when the config is opened. */
const later = ["missing_column"];

describe.skipIf(!hasShared)("sequences in configs of the real TorchEasyRec", () => {
  it.each(golden.cases)(
    "$name: widths and tables are TorchEasyRec's, and the config is printed as that spec",
    (each) => {
      const spec = specFromConfig(pipeline(each));
      for (const [group, widths] of Object.entries(each.group_dims ?? {})) {
        const parts = groupParts(spec, group as "all") ?? [];
        expect(parts.map(({ width }) => width)).toEqual(Object.values(widths));
      }
      const expected = Object.entries(each.params).filter(([name]) => /ebc|ec_dict/.test(name));
      const tables = tableSizes(spec).map(({ parameter, rows, dim }) => [parameter.replace("model.", ""), [rows, dim]]);
      expect(Object.fromEntries(tables)).toEqual(
        Object.fromEntries(expected.map(([name, { shape }]) => [name, shape])),
      );
      expect(specFromConfig(configText(spec))).toEqual(spec);
    },
  );

  it.each(golden.refusals.filter(({ name }) => !later.includes(name)))("$name: $stage", (each) => {
    const open = () => specFromConfig(pipeline(each));
    if (each.stage?.startsWith("none")) expect(open).not.toThrow();
    else expect(open).toThrow(ConfigError);
  });

  it("the whole run with a sequence opens and is printed as that spec", () => {
    const text = readFileSync(sharedPath("golden", "whole-run-din", "pipeline.config"), "utf8");
    const spec = specFromConfig(text);
    expect(groupParts(spec, "all")?.map(({ name, width }) => [name, width])).toEqual([
      ["user_id", 8],
      ["item_id", 8],
      ["cate_id", 4],
      ["price", 1],
      ["scene", 4],
      [expect.stringMatching(/: din$/), 13],
    ]);
    expect(specFromConfig(configText(spec))).toEqual(spec);
  });
});
