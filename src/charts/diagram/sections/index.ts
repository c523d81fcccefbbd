/** The sections of a model's diagram, from top to bottom. */

export { epnetSection } from "./epnet.js";
export { groupsSection, layersSection } from "./inputs.js";
export { ppnetSection } from "./ppnet.js";
export { towersSection } from "./towers.js";
