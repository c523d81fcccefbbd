/**
 * Wraps a feature's rule to count its values at look-up.
 */
import { idDigits } from "../../cells/id-text.js";
import type { IdRule } from "../ids/rows-of-ids.js";
import type { DistinctHashes } from "./distinct-hashes.js";

const watched = new WeakMap<DistinctHashes, IdRule>();

/** Returns the same rule at every call, because look-ups are cached by rule. */
export function watchedRule(rule: IdRule, values: DistinctHashes): IdRule {
  const existingRule = watched.get(values);
  if (existingRule !== undefined) return existingRule;
  const row = (id: string): number => {
    values.add(id);
    return rule.row(id);
  };
  const made: IdRule = { ...rule, row, rowOfNumber: (id) => row(idDigits(id)) };
  watched.set(values, made);
  return made;
}
