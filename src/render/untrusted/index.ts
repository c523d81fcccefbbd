/** Sanitises untrusted content for HTML pages. */
export { isInlinePicture } from "./addresses.js";
export { compilesCode, type UntrustedFigure, untrustedFigure } from "./figure.js";
export { contentPolicy, type PageNeeds } from "./policy.js";
export { createSanitiser, type Pictures, type Sanitise } from "./sanitise.js";
