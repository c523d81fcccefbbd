/**
 * State that the library and a notebook's kernel share without importing each other: the notebook's display and
 * interrupt, the trail of seeds and data, the place of a call in a cell, and the environment of a result.
 */

export { keyPackages, type Machine, machine } from "./installed.js";
export type { Comm, CommHandler, CommMessage, CommOpening, NotebookComms } from "./notebook.js";
export {
  type DisplayHandle,
  type MimeBundle,
  type NotebookDisplay,
  notebookDisplay,
  notebookDisplaySymbol,
  numbersMime,
} from "./notebook.js";
export { type Place, userPlace } from "./place.js";
export { type TimePlaces, timesMime } from "./times-mime.js";
export { type KeptTrail, noteFiles, noteSeed, noteTable, type Trail, trailSymbol } from "./trail.js";
