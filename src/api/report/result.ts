/** What `run.report` gives: where the page is, and what its rules found. */
import type { Suggestion } from "../../report/index.js";
import { size } from "../../util/format.js";
import { Displayable, type DisplayBundle } from "../output/displayable.js";

/** A written report. */
export class ReportResult extends Displayable {
  /** The page's absolute path. */
  readonly path: string;
  /** The page's size. */
  readonly bytes: number;
  /** What to try next, each with the numbers that say so. */
  readonly suggestions: readonly Suggestion[];

  /** Made by `run.report()`. @internal */
  constructor(path: string, bytes: number, suggestions: readonly Suggestion[]) {
    super();
    this.path = path;
    this.bytes = bytes;
    this.suggestions = suggestions;
  }

  /** The path, and the findings as a table. */
  async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../../render/index.js");
    return tableBundle({
      caption: `${this.path}: ${size(this.bytes)}, opens from disk`,
      columns: [{ name: "seen" }, { name: "what may help" }],
      rows: this.suggestions.map(({ seen, next }) => [seen, next]),
    });
  }
}
