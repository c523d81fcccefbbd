import { groupedXauc as orderedShareOfGroups } from "../../metrics/ordered-pairs.js";
import { featureProblems, number, positive, text } from "../option.js";
import { groupAdvice } from "./grouped-auc.js";
import { type Metric, numericProblems } from "./metric.js";

/** Share of ordered pairs within groups. */
export interface GroupedXaucSpec {
  readonly kind: "grouped_xauc";
  readonly groupingKey: string;
  /** TorchEasyRec draws this number of pairs in each group; here all pairs count. */
  readonly maxPairsPerGroup: number;
}

export interface GroupedXaucMethod<Tower, Feature> {
  /** `xauc` within the rows of each value of a feature, weighted by their number. */
  groupedXauc(groupingKey: Feature): Tower;
}

export const groupedXauc: Metric<GroupedXaucSpec, GroupedXaucMethod<unknown, string>> = {
  kind: "grouped_xauc",
  options: { groupingKey: text(), maxPairsPerGroup: number(positive) },
  label: "ordered pairs by group",
  more: "better",
  docs: ["t.groupedXauc(key)", "with an L2 loss", "`xauc` within each value of a feature, weighted by rows"],
  method: "groupedXauc",
  make: (groupingKey) => ({ groupingKey, maxPairsPerGroup: 100 }),
  problems: ({ kind, groupingKey }, place) => [
    ...featureProblems(`${place.path}.groupingKey`, groupingKey, place, groupAdvice),
    ...numericProblems(kind, place),
  ],
  value({ values, labels, group }, { groupingKey }) {
    const groups = group(groupingKey);
    return groups && orderedShareOfGroups(values(), labels, groups);
  },
};
