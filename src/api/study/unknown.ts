/** The error for a name that a study does not have. */
import { DataError } from "../../errors/index.js";
import { didYouMean } from "../../util/text/near.js";

/** @param kind such as `variant` */
export function unknown(kind: string, received: string, names: readonly string[]): DataError {
  return new DataError({
    path: `study: ${kind}`,
    message: `unknown ${kind}`,
    received: JSON.stringify(received),
    expected:
      names.length === 0 ? "the study has no values" : `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`,
    fix: didYouMean(received, names),
  });
}
