/**
 * Saved runs and checkpoints, and the shapes of their JSON files.
 */
export type { FolderKind } from "./folder/kind.js";
export { readFolder } from "./folder/read-folder.js";
export { derivedColumn } from "./shape/derived-shape.js";
export {
  assertShape,
  atMost,
  bool,
  count,
  kinds,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  positive,
  recordOf,
  type Shape,
  text,
  valueText as shown,
} from "./shape/shape.js";
