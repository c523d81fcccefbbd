/** A feature's rule whose values are counted as they are looked up. */
import { digitsOf } from "../../cells/id-text.js";
import type { IdRule } from "../ids/rows-of-ids.js";
import type { DistinctHashes } from "./distinct-hashes.js";

const watched = new WeakMap<DistinctHashes, IdRule>();

/** The same rule at every call, since what is looked up is remembered by rule. */
export function watchedRule(rule: IdRule, values: DistinctHashes): IdRule {
  const known = watched.get(values);
  if (known !== undefined) return known;
  const row = (id: string): number => {
    values.add(id);
    return rule.row(id);
  };
  const made: IdRule = { ...rule, row, rowOfNumber: (id) => row(digitsOf(id)) };
  watched.set(values, made);
  return made;
}
