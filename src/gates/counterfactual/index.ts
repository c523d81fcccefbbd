/** What a change of domains or gates does to predictions. */
export type { CounterfactualEffect, CounterfactualOptions, CounterfactualReport } from "./counterfactual.js";
export type { ChangedRow, Effect, TaskEffect } from "./effects.js";
