/** What tasks, domains, metrics, gates and variants are called, in tables and on charts alike. */

export { groupNames, groupStatistics, shortSiteName, siteName } from "./gates.js";
export { capital, type MetricText, metricText } from "./metrics.js";
export { comparedVariants, metricName, metricOfAll, seedsText } from "./studies.js";
export {
  ALL_ROWS,
  type AucReference,
  domainNames,
  findReference,
  nameDomains,
  namesByDomain,
  taskName,
} from "./tasks.js";
