/** Judges of counts over all rows: classes of labels, constant features, and values that share an embedding. */
import type { Observation } from "../../errors/finding.js";
import { derivedFrom } from "../../spec/feature/derived.js";
import { domainMessages, type ModelSpec } from "../../spec/model.js";
import { sum } from "../../util/numbers.js";
import { count, grouped, percent } from "../../util/text.js";
import type { ClassCounts } from "./class-counts.js";
import type { DataFacts, DataJudge, SharedRows } from "./facts.js";

function labelsAmongFeatures({ spec, sources, place }: DataFacts): Observation[] {
  const named = new Set([...spec.labels, ...spec.towers.map((tower) => tower.label)]);
  named.delete(spec.domains?.column ?? "");
  const labels = new Set(
    [...named].flatMap((label) => {
      const rule = spec.derived?.[label];
      return rule === undefined ? [label] : derivedFrom(rule);
    }),
  );
  return spec.features.flatMap((feature): Observation[] => {
    const column = sources(feature).find((source) => labels.has(source));
    if (column === undefined) return [];
    const message = `feature "${feature.name}" reads the label "${column}", which leaks the answer to the model`;
    const expected = "features that are known before the label";
    return [{ path: place(column), column, message, expected, fix: `remove the feature "${feature.name}"` }];
  });
}

function oneClass({ tower, rows, positives }: ClassCounts, spec: ModelSpec, place: DataFacts["place"]): Observation[] {
  const { label } = tower;
  const all = rows.length - 1;
  const single = (at: number): boolean => rows[at]! > 0 && (positives[at] === 0 || positives[at] === rows[at]);
  const observation = (places: readonly number[], where: string, what = "the domain"): Observation => ({
    path: place(label),
    column: label,
    message: `label "${label}" is ${positives[places[0]!] === 0 ? 0 : 1} in every row${where}, so ranking and AUC are not possible`,
    rows: sum(places.map((at) => rows[at]!)),
    expected: "rows of both classes",
    fix: `add rows of the other class, or remove ${what} or the task`,
  });
  if (single(all)) return [observation([all], "")];
  const domains = Array.from({ length: all }, (_, domain) => domain).filter(single);
  return [true, false].flatMap((isNegative) => {
    const same = domains.filter((domain) => (positives[domain] === 0) === isNegative);
    const many = `${grouped(same.length)} of ${count(all, "domain")}`;
    return domainMessages(spec, same).map(({ of, names }) =>
      of.length === 1
        ? observation(of, ` of domain ${names}`)
        : observation(of, ` of ${many}: ${names}`, "these domains"),
    );
  });
}

function sharedRows({ feature, size, values, rows, sharing, exact, larger, counted }: SharedRows): Observation[] {
  if (sharing === 0) return [];
  const number = (count: number): string => `${exact ? "" : "about "}${grouped(count)}`;
  const described = `${number(sharing)} of ${number(values)} distinct values (${percent(sharing / values)})`;
  const vocabulary = "a vocabulary (.vocab([...])) uses a separate row for each value";
  const others = larger === null || larger.sharing === 0 ? "none" : number(larger.sharing);
  const part = counted && `, in ${grouped(counted.rows)} of ${grouped(counted.of)} rows alone`;
  return [
    {
      path: `features.${feature}`,
      severity: larger === null ? "minor" : "moderate",
      message: `${described} share a row with another value: they use ${number(rows)} rows of .hash(${size})${part ?? ""}`,
      expected: "few values that share a row, because they share its embedding",
      fix: larger === null ? vocabulary : `with .hash(${larger.size}), ${others} would share; ${vocabulary}`,
    },
  ];
}

export const countJudges: readonly DataJudge[] = [
  {
    name: "label among the features",
    severity: "serious",
    when: "a feature reads a label",
    heldBy: "test/core/data/check.test.ts",
    find: labelsAmongFeatures,
  },
  {
    name: "one class",
    severity: "serious",
    when: "a label is the same in every row, or in every row of a domain",
    heldBy: "test/core/data/check.test.ts",
    find: ({ labels, spec, place }) => (labels ?? []).flatMap((counts) => oneClass(counts, spec, place)),
  },
  {
    name: "positive outside its space",
    severity: "moderate",
    when: "a label is positive where the indicator of its task's space is not, and these rows have no weight",
    heldBy: "test/core/data/check.test.ts",
    find: ({ outside, place }) =>
      (outside ?? []).map(({ label, indicator, ...rows }) => ({
        path: place(label),
        column: label,
        message: `positive in rows where "${indicator}" is not: the task's loss ignores these rows`,
        ...rows,
        expected: `"${label}" above 0 only where "${indicator}" is`,
        fix: "correct the labels, or set a weight for the rows outside the task's space",
      })),
  },
  {
    name: "constant feature",
    severity: "minor",
    when: "a feature has one value in all rows, or none",
    heldBy: "test/core/data/check.test.ts",
    find: ({ constants }) =>
      (constants ?? []).map(({ feature, text }) => ({
        path: `features.${feature}`,
        message: text === null ? "has no value in any row" : `is the same in every row (${text})`,
        expected: "values that differ between rows",
        fix:
          text === null ? "fill the column, or remove the feature" : "remove the feature: it does not distinguish rows",
      })),
  },
  {
    name: "ids that training lacks",
    severity: "minor",
    when: "rows have ids that no training row has",
    heldBy: "test/core/data/check.test.ts",
    find: ({ unseen, place }) =>
      (unseen ?? []).map(({ feature, column, ...rows }) => ({
        path: place(column),
        column,
        message: `contains ids of feature "${feature}" that are missing in the training rows`,
        ...rows,
        expected: "ids that occur in the training rows: others keep their random initial embedding",
        fix: "train on rows that contain them, or map rare ids to a shared row (a vocabulary, or .hash(size))",
      })),
  },
  {
    name: "shared embeddings",
    severity: "moderate",
    when: "values of .hash(size) share a row of its table; if the shares are estimated, more than 5% of them do",
    heldBy: "test/core/data/hash-sharing.test.ts",
    find: ({ sharing }) => (sharing ?? []).flatMap(sharedRows),
  },
];
