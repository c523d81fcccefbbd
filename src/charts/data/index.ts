/** Charts of data sets. */

export { columnStatisticsChart } from "./column-statistics.js";
export { labelRatesChart } from "./label-rates.js";
