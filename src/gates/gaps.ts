import type { EncodedData } from "../data/encoded/index.js";
import { domainName, groupFeatures, hasEpnet, hasPpnet, type ModelSpec, siteName } from "../spec/index.js";
import { percent } from "../util/text/format.js";
import type { Gap, GatesReport } from "./types.js";

/** @param report all except its gaps @param asked whether the slower parts were requested */
export function findGaps(spec: ModelSpec, data: EncodedData, report: Omit<GatesReport, "gaps">, asked: boolean): Gap[] {
  const domains = report.gates[0]?.domains ?? [];
  return [
    ...modelGaps(spec),
    ...domains.flatMap(({ domain, rows }): Gap[] => {
      if (rows > 1) return [];
      const reason =
        rows === 0
          ? "the sampled rows contain no row of it"
          : "the sampled rows contain one row of it, which has no spread";
      return [{ what: `domain ${domainName(spec, domain!)}`, reason }];
    }),
    ...report.gates.flatMap((gate): Gap[] => {
      const { notFinite } = gate.overall;
      if (notFinite === 0) return [];
      const reason = `${percent(notFinite)} of its values are not finite numbers: they are excluded, and statistics that need every unit are missing`;
      return [{ what: siteName(gate), reason }];
    }),
    ...(asked ? detailGaps(spec, data, report) : []),
  ];
}

function modelGaps(spec: ModelSpec): Gap[] {
  const gaps: Gap[] = [];
  if (!hasEpnet(spec)) gaps.push({ what: "EPNet: its gate, fields and embeddings", reason: "the model has no EPNet" });
  if (!hasPpnet(spec) || !spec.switches.ppnet) gaps.push({ what: "PPNet's gates", reason: "the model has no PPNet" });
  if (spec.domains === null) gaps.push({ what: "everything by domain", reason: "the model has no domains" });
  return gaps;
}

function detailGaps(spec: ModelSpec, data: EncodedData, { embeddings, cold }: Omit<GatesReport, "gaps">): Gap[] {
  const gaps: Gap[] = [];
  for (const which of ["before", "after"] as const) {
    if (embeddings?.[which] === null)
      gaps.push({ what: `embeddings ${which} EPNet`, reason: "some values are not numbers" });
  }
  if (cold.length === 0 && hasPpnet(spec)) {
    gaps.push({ what: "cold users and items", reason: "the training rows are unknown: gates(data, { training })" });
  }
  const several = (groupFeatures(spec, "uia") ?? []).filter((name) => data.features.get(name)?.kind !== "ids");
  if (several.length > 0) {
    gaps.push({ what: `what ${several.join(", ")} explain`, reason: "they are numbers, or have several ids per row" });
  }
  return gaps;
}
