/** What comes from others, for pages that people open: made harmless before it becomes HTML. */
export { isInlinePicture } from "./addresses.js";
export { compilesCode, type UntrustedFigure, untrustedFigure } from "./figure.js";
export { contentPolicy, type PageNeeds } from "./policy.js";
export { createSanitiser, type Pictures, type Sanitise } from "./sanitise.js";
