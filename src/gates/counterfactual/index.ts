/**
 * Counterfactuals: the effect of other domains or gates on predictions.
 */
export type { CounterfactualEffect, CounterfactualOptions, CounterfactualReport } from "./counterfactual.js";
export type { ChangedRow, Effect, EffectParts, TaskEffect } from "./effects.js";
