/** A run as one page to keep and to send: its facts, what the rules find in them, and the HTML. */
export type { ReportData, ReportFacts, ReportOrigin } from "./facts.js";
export { type PageOptions, reportMark, reportPage, sectionsPage } from "./page.js";
export { type Rule, rules, type Suggestion, suggestions } from "./rules/index.js";
export { type SectionName, sectionNames } from "./sections.js";
export { studyBlocks } from "./study-blocks.js";
