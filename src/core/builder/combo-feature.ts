/** Crosses of ids: `comboFeature("age_x_brand", ["user:age", "item:brand"]).hash(10_000).embedding(8)`. */

import type { ComboFeatureSpec } from "../spec/feature/feature.js";
import { stringLiteral } from "../util/code-text.js";
import {
  type EncodedDraft,
  type EncodedFeature,
  emptyEncoded,
  encodedMethods,
  finishFeature,
  requireEncoded,
} from "./feature.js";
import { printedBuilder } from "./printed.js";

/** The builder of a crossed feature, whose values are joined by `_`. */
export interface ComboFeature<N extends string> extends EncodedFeature<N> {
  toSpec(): ComboFeatureSpec;
}

/**
 * Crosses the columns that `expressions` name (`user:age`, or just `age`): every combination of their values.
 * @example comboFeature("age_x_brand", ["user:age_level", "item:brand"]).hash(50_000).embedding(16)
 */
export function comboFeature<N extends string>(name: N, expressions: readonly string[]): ComboFeature<N> {
  return comboBuilder(name, [...expressions], emptyEncoded);
}

function comboBuilder<N extends string>(name: N, expressions: readonly string[], draft: EncodedDraft): ComboFeature<N> {
  return printedBuilder<ComboFeature<N>>("combo feature", {
    name,
    ...encodedMethods(name, (change) => comboBuilder(name, expressions, { ...draft, ...change })),
    toSpec: () => {
      const complete = requireEncoded(name, `comboFeature(${stringLiteral(name)}, …)`, draft);
      return finishFeature<ComboFeatureSpec>({ kind: "combo", name, ...complete, expressions });
    },
  });
}
