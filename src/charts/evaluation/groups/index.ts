/** Charts of an evaluation by calendar time, and by training rows. */

export { coldRowsChart } from "./cold-rows.js";
export { overTimeChart } from "./over-time.js";
