/** A bare `ModelConfig` text, as parity cases have: groups and `pepnet { … }`, the features unknown but for their widths. */
import { readFields } from "../src/core/config/convert/fields.js";
import { readGroups } from "../src/core/config/convert/groups.js";
import { readPepnet } from "../src/core/config/convert/towers.js";
import { readWithProblems } from "../src/core/config/pipeline/open-config.js";
import { ConfigError, type Problem } from "../src/core/errors/index.js";
import type { RawFeatureSpec } from "../src/core/spec/feature/feature.js";
import { emptySpec, type ModelSpec } from "../src/core/spec/model.js";
import { deepFreeze, type JsonObject } from "../src/core/util/json.js";

/** Columns of each group's input: a number, or a number for each of its features. */
export type GroupDims = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/**
 * A spec in which each group is fed by one raw feature of the group's name, whose values `[rows, dim]` are the group's
 * input as it is. Labels are those that the towers and the domains name, sample weights likewise.
 *
 * @throws ConfigError as {@link openConfig} does, and where a group's width is not given.
 * @example specFromModelConfig(golden.model_config, { groupDims: golden.group_dims })
 */
export function specFromModelConfig(text: string, options: { readonly groupDims: GroupDims }): ModelSpec {
  const { config, problems: faults } = readWithProblems(text, { path: "model_config" }, "ModelConfig");
  if (faults.length > 0) throw new ConfigError(faults);
  const { message } = config;
  const problems: Problem[] = [];
  const model = readFields(message as JsonObject, "ModelConfig");
  const { groups } = readGroups(model.take("feature_groups"), problems);
  const pepnet = readPepnet(model.child("pepnet"), {}, problems);
  const features = groups.map((group) => groupFeature(group.name, options.groupDims, problems));
  if (problems.length > 0) throw new ConfigError(problems);
  const { towers, domains } = pepnet;
  const labels = towers.flatMap((tower) => [tower.label, ...(tower.taskSpace ? [tower.taskSpace.indicatorLabel] : [])]);
  return deepFreeze({
    ...emptySpec,
    ...pepnet,
    features,
    labels: [...new Set([...labels, ...(domains === null ? [] : [domains.column])])],
    sampleWeights: [...new Set(towers.flatMap((tower) => tower.sampleWeight ?? []))],
    groups: groups.map((group) => ({ ...group, features: [group.name] })),
  });
}

function groupFeature(name: string, dims: GroupDims, problems: Problem[]): RawFeatureSpec {
  const given = dims[name];
  const widths = typeof given === "number" ? [given] : Object.values(given ?? {});
  const valueDim = widths.reduce((sum, width) => sum + width, 0);
  if (!Number.isSafeInteger(valueDim) || valueDim < 1) {
    const path = `groupDims.${name}`;
    problems.push({
      path,
      message: `the width of the group "${name}" is unknown`,
      received: JSON.stringify(given),
      expected: "a width",
    });
  }
  return {
    kind: "raw",
    name,
    expression: `user:${name}`,
    valueDim,
    normalizer: null,
    boundaries: [],
    embeddingDim: null,
    embeddingName: null,
    pooling: "sum",
    separator: null,
    defaultValue: "0",
    extra: {},
  };
}
