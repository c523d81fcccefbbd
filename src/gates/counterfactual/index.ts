export type { CounterfactualOptions, CounterfactualReport } from "./counterfactual.js";
export type { ChangedRow, ChangeInterval, CounterfactualEffect, Effect, EffectParts, TaskEffect } from "./effects.js";
