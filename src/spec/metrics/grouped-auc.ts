import { groupedAuc as meanAucOfGroups } from "../../metrics/auc.js";
import { featureProblems, text } from "../option.js";
import { type Metric, twoClassProblems } from "./metric.js";

/** Mean AUC of groups. */
export type GroupedAucSpec = { readonly kind: "grouped_auc"; readonly groupingKey: string };

export interface GroupedAucMethod<Tower, Feature> {
  /** Grouped AUC: the unweighted mean of the AUC within the rows of each value of a feature (usually the user). */
  gauc(groupingKey: Feature): Tower;
}

export const groupedAuc: Metric<GroupedAucSpec, GroupedAucMethod<unknown, string>> = {
  kind: "grouped_auc",
  options: { groupingKey: text() },
  label: "grouped AUC",
  more: "better",
  docs: [
    "t.gauc(key)",
    "one output, or two classes",
    "mean of the exact AUC of each value of a feature; a row without a value has the value 0",
  ],
  method: "gauc",
  make: (groupingKey) => ({ groupingKey }),
  problems: ({ kind, groupingKey }, place) => [
    ...featureProblems(`${place.path}.groupingKey`, groupingKey, place, groupAdvice),
    ...twoClassProblems(kind, place),
  ],
  value({ isBinary, scores, labels, group }, { groupingKey }) {
    const groups = isBinary ? group(groupingKey) : null;
    return groups && meanAucOfGroups(scores, labels, groups);
  },
};

/** The fix of an unknown feature that groups rows. */
export const groupAdvice = "group by a declared feature, such as the user id";
