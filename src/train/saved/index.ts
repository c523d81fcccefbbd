export type { FolderKind } from "./read-folder.js";
export { readFolder } from "./read-folder.js";
export {
  assertShape,
  atMost,
  bool,
  count,
  derivedColumn,
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
} from "./shape.js";
