/** The PEPNet program: TF.js functions of parameters and inputs, and the plan they follow. Loads TF.js. */

export * from "./gates/detach.js";
export * from "./layers/activations.js";
export * from "./plan/dims.js";
export * from "./plan/feeds.js";
export * from "./plan/inputs.js";
export * from "./plan/names.js";
export * from "./plan/parameters.js";
export * from "./plan/plan.js";
export * from "./program.js";
