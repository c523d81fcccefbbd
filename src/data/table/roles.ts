/** Which columns say who, what and when. Said once on the data, roles are the defaults of splits, intervals and checks. */

/** Columns by what they say of a row. Every step that keeps a column keeps its role. */
export interface Roles<Name extends string = string> {
  /** Who: rows of one user are no independent evidence. */
  readonly user?: Name | undefined;
  /** What was shown. */
  readonly item?: Name | undefined;
  /** When: timestamps, ISO text, or seconds or milliseconds since 1970. */
  readonly time?: Name | undefined;
  /** The visit. Default: the rows of a user without a gap of {@link sessionGap} in time. */
  readonly session?: Name | undefined;
  /** The pause that ends a session, such as `"30m"` (default) or `"4h"`. */
  readonly sessionGap?: string | undefined;
}

/** The roles that name a column. */
export const columnRoles = ["user", "item", "time", "session"] as const;
export type ColumnRole = (typeof columnRoles)[number];

/** The key under which a Parquet file written here keeps its roles. */
export const rolesKey = "pepnet.roles";

/** The pause that ends a session if nothing else is said. */
export const defaultSessionGap = "30m";

/** The roles whose columns a table with these columns has. */
export function keptRoles(roles: Roles, has: (name: string) => boolean): Roles {
  const entries = columnRoles.flatMap((role) => {
    const name = roles[role];
    return name !== undefined && has(name) ? [[role, name] as const] : [];
  });
  if (entries.length === 0) return {};
  return { ...Object.fromEntries(entries), sessionGap: roles.sessionGap };
}

/** Whether any column has a role. */
export function hasRoles(roles: Roles): boolean {
  return columnRoles.some((role) => roles[role] !== undefined);
}

/** The call that sets roles, such as `data.roles({ user: "user_id" })`. */
export function rolesCall(roles: Roles, name = "data"): string {
  const words = Object.entries(roles).flatMap(([role, column]) =>
    column === undefined ? [] : [`${role}: ${JSON.stringify(column)}`],
  );
  return `${name}.roles({ ${words.join(", ")} })`;
}

/** The roles without one. */
export function withoutRole(roles: Roles, role: ColumnRole): Roles {
  return Object.fromEntries(Object.entries(roles).filter(([name]) => name !== role));
}
