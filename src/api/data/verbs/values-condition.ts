/** Values of columns as an SQL condition. */
import { DataError } from "../../../errors/index.js";

/** A value of a column; `null`: no value. */
export type RowValue = string | number | bigint | boolean | Date | null;

/** Values by column; a list: any of them. */
export type RowValues<Name extends string = string> = Readonly<Partial<Record<Name, RowValue | readonly RowValue[]>>>;

/** SQL that is true for rows with these values. Names and texts are escaped. */
export function valuesCondition(values: RowValues): string {
  const conditions = Object.entries(values).map(([name, value]) => {
    const column = `"${name.replaceAll('"', '""')}"`;
    const alternatives: readonly RowValue[] = Array.isArray(value) ? value : [value as RowValue];
    const present = alternatives.filter((one) => one !== null).map((one) => valueSql(name, one));
    const parts = [
      ...(present.length > 0 ? [`${column} IN (${present.join(", ")})`] : []),
      ...(alternatives.includes(null) ? [`${column} IS NULL`] : []),
    ];
    return parts.length === 0 ? "false" : `(${parts.join(" OR ")})`;
  });
  return conditions.length === 0 ? "true" : conditions.join(" AND ");
}

function valueSql(name: string, value: Exclude<RowValue, null>): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isNaN(value)) {
    return Number.isFinite(value) ? String(value) : `${value > 0 ? "" : "-"}'inf'::DOUBLE`;
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return `TIMESTAMP '${value.toISOString().replace("T", " ").replace("Z", "")}'`;
  }
  throw new DataError({
    path: `where: column "${name}"`,
    message: "not a value to compare with",
    received: String(value),
    expected: "text, a number, true, false, a valid Date, null, or a list of them",
  });
}
