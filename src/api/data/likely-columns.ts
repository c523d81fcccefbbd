/** What the columns of a file may be: labels of 0 and 1, and roles. Columns that are only proposed, never used without the user's consent. */
import { type LikelyRoles, likelyRoles } from "../../core/data/table/likely-roles.js";
import type { Dataset } from "./dataset.js";

/** Candidates for what only the user can decide. */
export interface LikelyColumns {
  /** Columns of 0 and 1, or of booleans. */
  readonly labels: readonly string[];
  readonly roles: LikelyRoles | null;
}

/** Reads all rows once. */
export async function likelyColumns({ table }: Dataset): Promise<LikelyColumns> {
  const { describe } = await import("../../core/data/summary/describe.js");
  const { columns } = await describe(table);
  const labels = columns.filter(
    ({ type, distinct, min, max }) => type === "boolean" || (distinct === 2 && min === 0 && max === 1),
  );
  return { labels: labels.map(({ name }) => name), roles: await likelyRoles(table) };
}
