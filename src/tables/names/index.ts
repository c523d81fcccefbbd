/** Names of tasks, domains, metrics, gates and variants in tables and charts. */

export { groupNames, groupStatistics, shortSiteName } from "./gates.js";
export { capital, intervalUnit, type MetricText, metricText } from "./metrics.js";
export { comparedVariants, levelText, metricName, metricOfAll, planMark, seedsText } from "./studies.js";
export {
  ALL_ROWS,
  type AucReference,
  domainNames,
  drawnDomains,
  findReference,
  nameDomains,
  namesByDomain,
  taskName,
} from "./tasks.js";
