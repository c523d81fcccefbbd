/**
 * Warns about values of hashed features that share a row of the embedding table.
 */
import { grouped, percent } from "../../util/text/format.js";
import type { HashSharing } from "../encode/hashed/sharing.js";
import type { Finding } from "./finding.js";

/** Nothing if no values share a row. */
export function sharedRows({ feature, size, values, rows, sharing, exact, larger }: HashSharing): Finding[] {
  if (sharing === 0) return [];
  const about = exact ? "" : "about ";
  const counted = (count: number): string => `${about}${grouped(count)}`;
  const share = percent(sharing / values);
  const vocabulary = `a vocabulary (.vocab([...])) uses a separate row for each value`;
  return [
    {
      severity: "warning",
      path: `features.${feature}`,
      message: `${counted(sharing)} of ${counted(values)} distinct values (${share}) share a row with another value: they use ${counted(rows)} rows of .hash(${size})`,
      rows: null,
      examples: [],
      expected: "few values that share a row, because they share its embedding",
      fix:
        larger === null
          ? vocabulary
          : `with .hash(${larger.size}), ${larger.sharing === 0 ? "none" : counted(larger.sharing)} would share; ${vocabulary}`,
    },
  ];
}
