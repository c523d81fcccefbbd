/** The sections of a model's diagram, from above. */

export { epnetSection } from "./epnet.js";
export { groupsSection, layersSection } from "./inputs.js";
export { ppnetSection } from "./ppnet.js";
export { towersSection } from "./towers.js";
