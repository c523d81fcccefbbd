/** The columns of a row's user, item, time and session. Roles that are set on the data are the defaults of splits, intervals and checks. */
import { stringLiteral } from "../../util/code-text.js";

/** Columns by their meaning in a row. Every step that keeps a column keeps its role. */
export interface Roles<Name extends string = string> {
  /** Who: rows of one user are not independent evidence. */
  readonly user?: Name | undefined;
  /** What was shown. */
  readonly item?: Name | undefined;
  /** When: timestamps, ISO text, or seconds or milliseconds since 1970. */
  readonly time?: Name | undefined;
  /** The visit. Default: the rows of a user without a gap of {@link sessionGap} in time. */
  readonly session?: Name | undefined;
  /** The pause that ends a session, such as `"30m"` (default) or `"4h"`. */
  readonly sessionGap?: string | undefined;
  /** The clock on which days and hours of `time` are told: `Z` (UTC, default), or a fixed distance such as `+08:00`. */
  readonly zone?: string | undefined;
}

/** The roles that name a column. */
export const columnRoles = ["user", "item", "time", "session"] as const;
export type ColumnRole = (typeof columnRoles)[number];

/** The key under which a Parquet file written here keeps its roles. */
export const rolesKey = "pepnet.roles";

/** The pause that ends a session by default. */
export const defaultSessionGap = "30m";

/** The roles among the options of a call. */
export function rolesAmong({ user, item, time, session, sessionGap, zone }: Roles): Roles {
  return { user, item, time, session, sessionGap, zone };
}

/** The roles whose columns a table with these columns has. */
export function keptRoles(roles: Roles, has: (name: string) => boolean): Roles {
  const entries = columnRoles.flatMap((role) => {
    const name = roles[role];
    return name !== undefined && has(name) ? [[role, name] as const] : [];
  });
  if (entries.length === 0) return {};
  const zone = entries.some(([role]) => role === "time") ? roles.zone : undefined;
  return { ...Object.fromEntries(entries), sessionGap: roles.sessionGap, zone };
}

/** Whether any column has a role. */
export function hasRoles(roles: Roles): boolean {
  return columnRoles.some((role) => roles[role] !== undefined);
}

/** Roles as code, such as `{ user: "user_id" }`; `null` without any. */
export function rolesCode(roles: Roles): string | null {
  const words = Object.entries(roles).flatMap(([role, value]) =>
    value === undefined ? [] : [`${role}: ${stringLiteral(value)}`],
  );
  return words.length === 0 ? null : `{ ${words.join(", ")} }`;
}

/** The call that sets roles, such as `data.roles({ user: "user_id" })`. */
export function rolesCall(roles: Roles): string {
  return `data.roles(${rolesCode(roles) ?? "{}"})`;
}

/** The roles without one. */
export function withoutRole(roles: Roles, role: keyof Roles): Roles {
  return Object.fromEntries(Object.entries(roles).filter(([name]) => name !== role));
}
