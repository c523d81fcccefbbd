/** The PEPNet program: TF.js functions of parameters and inputs, and the plan they follow. Loads TF.js. */
export * from "./activations.js";
export * from "./detach.js";
export * from "./feeds.js";
export * from "./inputs.js";
export * from "./parameters.js";
export * from "./plan.js";
export * from "./program.js";
