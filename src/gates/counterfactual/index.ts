/** Counterfactuals: the effect of other domains or gates on predictions. */
export type { CounterfactualOptions, CounterfactualReport } from "./counterfactual.js";
export type { ChangedRow, ChangeInterval, CounterfactualEffect, Effect, EffectParts, TaskEffect } from "./effects.js";
