/** The blocks of a report's sections. */
import type { Chart, Table } from "../views/index.js";
import type { Suggestion } from "./rules/index.js";
import type { Tile } from "./summary.js";

/** One block of the page. */
export type Block =
  | { readonly kind: "chart"; readonly chart: Chart }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "table"; readonly table: Table; readonly sortable?: boolean }
  | { readonly kind: "text"; readonly text: string }
  /** The main sentence of the page. */
  | { readonly kind: "verdict"; readonly text: string }
  /** Collapsed under a summary until it is opened; on paper it is open. */
  | { readonly kind: "fold"; readonly summary: string; readonly blocks: readonly Block[] }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "tiles"; readonly tiles: readonly Tile[] }
  | { readonly kind: "suggestions"; readonly suggestions: readonly Suggestion[] }
  | { readonly kind: "pairs"; readonly pairs: readonly (readonly [string, string])[] };
