/** Reports: the facts of a run, the findings of rules, and the HTML page. */
export type { ReportData, ReportFacts, ReportOrigin } from "./facts.js";
export { framesPage } from "./frames-page.js";
export { type PageOptions, reportMark, reportPage, sectionsPage } from "./page.js";
export { type Rule, rules, type Severity, type Suggestion, suggestions } from "./rules/index.js";
export { type SectionName, sectionNames } from "./sections.js";
export { studyBlocks } from "./study-blocks.js";
