/** Columns that rules compute from columns of the data. */
export { derivedInfo, derivedValues } from "./derived-values.js";
export { domainNumbers } from "./domain-names.js";
