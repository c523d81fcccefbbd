/** Finds the columns of the data sets among a notebook's variables. */

/** Names of the columns of a value that is a data set or has one as its `table`, by shape; null for other values. */
function columnNames(value: unknown): readonly string[] | null {
  if (typeof value !== "object" || value === null) return null;
  const { columns, table } = value as { columns?: unknown; table?: { columns?: unknown } | null };
  const list = Array.isArray(columns) ? columns : table?.columns;
  if (!Array.isArray(list)) return null;
  const names = list.map((column: unknown) => (column as { name?: unknown } | null)?.name ?? column);
  return names.length > 0 && names.every((name) => typeof name === "string") ? (names as string[]) : null;
}

/**
 * The columns of the data set at hand: of the variable `root`, else of the data sets that the code mentions, else of
 * all, the newest first.
 */
export function liveColumns(
  variables: Readonly<Record<string, unknown>>,
  code: string,
  root: string | null,
): readonly string[] {
  const rootColumns = root === null ? null : columnNames(read(variables, root));
  if (rootColumns) return rootColumns;
  const all = Object.keys(variables)
    .reverse()
    .flatMap((name) => {
      const names = columnNames(read(variables, name));
      return names ? [{ name, names }] : [];
    });
  const words = new Set(code.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
  const mentioned = all.filter(({ name }) => words.has(name));
  return [...new Set((mentioned.length > 0 ? mentioned : all).flatMap(({ names }) => names))];
}

/** Whether a variable is a data set. */
export function isLiveData(variables: Readonly<Record<string, unknown>>, name: string | null): boolean {
  return name !== null && columnNames(read(variables, name)) !== null;
}

/** A variable, or undefined if reading it throws. */
function read(variables: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return variables[name];
  } catch {
    return undefined;
  }
}
