/** Whose a row is, so that intervals draw whole users: a user's rows are not independent. */
import type { EncodedData } from "../../data/encoded.js";
import { saysUser } from "../../data/leaks.js";
import { DataError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { didYouMean } from "../../util/near.js";

/** An id feature with its ids, [rows]. */
export interface UserColumn {
  readonly name: string;
  readonly ids: Int32Array;
}

/**
 * The feature named, else a `grouped_auc`'s key, else a feature whose name says user; `null`: none of them.
 * @throws DataError for a name that is no id feature
 */
export function userOf(spec: ModelSpec, data: EncodedData, named: string | undefined): UserColumn | null {
  const key = spec.towers
    .flatMap((tower) => tower.metrics)
    .flatMap((metric) => (metric.kind === "grouped_auc" ? [metric.groupingKey] : []))[0];
  const name = named ?? key ?? [...data.features.keys()].find(saysUser);
  const column = name === undefined ? undefined : data.features.get(name);
  if (column?.kind === "ids") return { name: name!, ids: column.ids };
  if (named === undefined) return null;
  const ids = [...data.features].flatMap(([feature, { kind }]) => (kind === "ids" ? [feature] : []));
  throw new DataError({
    path: "counterfactual: user",
    message: "the model has no id feature of this name",
    received: JSON.stringify(named),
    expected: `one of ${ids.join(", ")}`,
    fix: didYouMean(named, ids),
  });
}
