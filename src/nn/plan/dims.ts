/**
 * Widths of the groups' inputs.
 */
import { SpecError } from "../../errors/index.js";
import { type EncoderPart, encoderParts, type GroupName, groupParts, type ModelSpec } from "../../spec/index.js";
import { addedColumns, type GroupColumns } from "./projections.js";

/** Width of each group's input; `null` if the group is missing. */
export interface GroupDims {
  readonly all: number;
  readonly domain: number | null;
  readonly uia: number | null;
}

/** Width of each group's input, from the spec's features and encoders. */
export function groupDims(spec: ModelSpec): GroupDims {
  return { all: width(spec, "all") ?? 0, domain: width(spec, "domain"), uia: width(spec, "uia") };
}

/** @throws SpecError for an unknown feature, or one that only TorchEasyRec supports */
function width(spec: ModelSpec, group: GroupName): number | null {
  const parts = groupParts(spec, group);
  const features = parts?.flatMap(({ name, feature, encoder }) =>
    encoder === null ? [{ name, feature }] : inputFeatures(encoder),
  );
  for (const { name, feature } of features ?? []) {
    if (feature === null) throw new SpecError({ path: `groups.${group}`, message: `no feature "${name}"` });
    if (feature.kind === "other") {
      throw new SpecError({
        path: `features.${name}`,
        message: `this engine does not support ${feature.field}`,
        expected: "id_feature, raw_feature or combo_feature",
        fix: `remove "${name}" from the groups to train here; the config keeps it`,
      });
    }
  }
  return parts?.reduce((sum, part) => sum + part.width, 0) ?? null;
}

function inputFeatures({ input: { query, sequence } }: EncoderPart) {
  return [...query, ...sequence].map((feature) => ({ name: feature.name, feature }));
}

/** The widths of the matrices that batches fill: without encoders, and numbers before a learned embedding. */
export function ownDims(spec: ModelSpec, dims: GroupDims, columns: GroupColumns): GroupDims {
  const computed = (group: GroupName) =>
    encoderParts(spec, group).reduce((sum, part) => sum + part.width, 0) + addedColumns(columns[group]);
  const remaining = (group: "domain" | "uia") => (dims[group] === null ? null : dims[group] - computed(group));
  return { all: dims.all - computed("all"), domain: remaining("domain"), uia: remaining("uia") };
}
