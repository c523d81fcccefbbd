/** The shape of a derived column, in saved specs and exported encoders. */
import { isDerivedColumn } from "../../../spec/index.js";
import type { Shape } from "./shape.js";

/** A rule by which a column is computed. */
export const derivedColumn: Shape = (value, at) =>
  isDerivedColumn(value) ? null : { at, received: value, expected: "a rule such as above, equals, hour or days" };
