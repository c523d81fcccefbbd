export { compilePlan } from "./compile/compile-plan.js";
