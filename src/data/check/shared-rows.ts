/** Values of hashed features that share rows of their embedding table. */
import { grouped, percent } from "../../util/text/format.js";
import type { HashSharing } from "../encode/hashed/sharing.js";
import type { Finding } from "./finding.js";

/** Nothing where every value has a row of its own. */
export function sharedRows({ feature, size, values, rows, sharing, exact, larger }: HashSharing): Finding[] {
  if (sharing === 0) return [];
  const about = exact ? "" : "about ";
  const counted = (count: number): string => `${about}${grouped(count)}`;
  const share = percent(sharing / values);
  const vocabulary = `a vocabulary (.vocab([...])) gives each value a row of its own`;
  return [
    {
      severity: "warning",
      path: `features.${feature}`,
      message: `${counted(sharing)} of ${counted(values)} distinct values (${share}) share a row with another value: they take ${counted(rows)} rows of .hash(${size})`,
      rows: null,
      examples: [],
      expected: "few values that share a row, since they share its embedding",
      fix:
        larger === null
          ? vocabulary
          : `.hash(${larger.size}) leaves ${larger.sharing === 0 ? "none" : counted(larger.sharing)} sharing; ${vocabulary}`,
    },
  ];
}
