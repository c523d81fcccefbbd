/** Formats what encoding counted, and the state of the cache, as notes. */
import type { EncodedRows } from "../../../data/index.js";

/** Notes on some rows. @param name of the rows, such as `training data` */
export function dataNotes(name: string, rows: EncodedRows | null): string[] {
  if (rows === null) return [];
  const warnings = rows.warnings.map(
    ({ column, message, rows: count }) => `${name}, column "${column}": ${message} (${count} rows)`,
  );
  return [...(rows.notes ?? []).map((note) => `${name}: ${note}`), ...warnings];
}
