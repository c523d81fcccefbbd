/** A written report: its path and its suggestions. */
import type { Suggestion } from "../../report/evaluation-rules.js";
import { size } from "../../util/text.js";
import type { Sheet } from "../../views/view.js";
import type { DisplayBundle } from "../displayable.js";
import { Result, tables } from "../result.js";

/** A written report. */
export class ReportResult extends Result {
  /** The page's absolute path. */
  readonly path: string;
  /** The page's size. */
  readonly bytes: number;
  /** Suggestions, each with its numbers. */
  readonly suggestions: readonly Suggestion[];
  readonly #frames: string | null;

  /** Made by `run.report()`. @internal */
  constructor(path: string, bytes: number, suggestions: readonly Suggestion[], frames: string | null = null) {
    super();
    this.#frames = frames;
    this.path = path;
    this.bytes = bytes;
    this.suggestions = suggestions;
  }

  /** @internal */
  sheet(): Sheet {
    return tables().makeSheet<Suggestion>(
      `${this.path}: ${size(this.bytes)}, opens from disk`,
      [
        { key: "seen", heading: "seen", kind: "text", value: ({ seen }) => seen },
        { key: "next", heading: "what may help", kind: "text", value: ({ next }) => next },
      ],
      this.suggestions,
    );
  }

  /** The table; the frames of a dial's page, so that the page of a saved notebook has its sliders too. */
  override async bundle(): Promise<DisplayBundle> {
    const bundle = await super.bundle();
    if (this.#frames === null) return bundle;
    const { framesMime } = await import("../../render/frames.js");
    return { ...bundle, [framesMime]: this.#frames };
  }
}
