/** Columns that rules compute from columns of the data. */
export { derivedInfo, derivedValues, labelsBy } from "./derived-values.js";
export { domainNumbers } from "./domain-names.js";
