/** The blocks of a report's sections. */
import type { Chart } from "../charts/index.js";
import type { Table } from "../tables/index.js";
import type { Suggestion } from "./rules/index.js";
import type { Tile } from "./summary.js";

/** One block of the page. */
export type Block =
  | { readonly kind: "chart"; readonly chart: Chart }
  | { readonly kind: "heading"; readonly text: string }
  /** `folded`: collapsed under this text until it is opened. */
  | { readonly kind: "table"; readonly table: Table; readonly folded?: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly summary: string; readonly code: string }
  | { readonly kind: "tiles"; readonly tiles: readonly Tile[] }
  | { readonly kind: "suggestions"; readonly suggestions: readonly Suggestion[] }
  | { readonly kind: "pairs"; readonly pairs: readonly (readonly [string, string])[] };
