/**
 * The style of a study's variants: the model in grey, variants in separate colours, or all grey if there are many.
 */
import type { StudyVariant } from "../../ablation/index.js";
import { count } from "../../util/text/format.js";
import { colour, INK, type LegendEntry, MAX_COLOURS, ONE_OF_MANY } from "../theme/index.js";

/** The style of variants by index; the model is the first. */
export interface VariantLook {
  /** Whether each variant has a legend entry. */
  readonly few: boolean;
  readonly color: (index: number) => string;
  readonly legend: (index: number, inLegend: boolean) => LegendEntry;
}

/** The style of the model and its variants. */
export function variantLook(variants: readonly StudyVariant[]): VariantLook {
  const others = variants.length - 1;
  const few = others < MAX_COLOURS;
  return {
    few,
    color: (index) => (index === 0 ? INK : few ? colour(index - 1, others) : ONE_OF_MANY),
    legend(index, inLegend) {
      const name = variants[index]?.name ?? "";
      if (index === 0) return { name, group: "model", inLegend };
      if (few) return { name, group: `variant ${index}`, inLegend };
      return { name: `each of ${count(others, "variant")}`, group: "variants", inLegend: inLegend && index === 1 };
    },
  };
}
