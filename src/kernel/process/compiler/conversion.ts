/** Converts a cell with the declarations that it needs. */
import type { Converter, ConvertResult } from "tslab/dist/converter";
import type { Declarations } from "../code/declarations.js";

/** A converted cell, and the declarations after it; unchanged by a cell with errors. */
export interface Conversion {
  readonly converted: ConvertResult;
  readonly declarations: Declarations;
}

/** Converts a cell. The errors of one that fails are those with all declarations, which may be what it meant. */
export function convertCell(declarations: Declarations, code: string, convert: Converter["convert"]): Conversion {
  const part = declarations.about(code);
  const first = after(declarations, part, convert(part.text, code));
  if (first.converted.diagnostics.length === 0 || part === declarations) return first;
  return after(declarations, declarations, convert(declarations.text, code));
}

function after(all: Declarations, part: Declarations, converted: ConvertResult): Conversion {
  const { diagnostics, declOutput } = converted;
  const isValid = diagnostics.length === 0 && declOutput !== undefined;
  return { converted, declarations: isValid ? all.after(part, declOutput) : all };
}
