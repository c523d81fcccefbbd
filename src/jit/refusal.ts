/** What cannot be compiled: the operation, the reason, the user's line where it is known, and the way out. */
import { EngineError } from "../errors/index.js";
import type { Place } from "../port/index.js";

/** A program that cannot be compiled. */
export class Refusal extends EngineError {
  override readonly name = "EngineError";

  /**
   * @param operation as TF.js's kernels are called, where no place says what the user called
   * @param reason in a few words that go on from "cannot be compiled: "
   */
  constructor(
    readonly operation: string,
    readonly reason: string,
    readonly place: Place | null = null,
    readonly mend: string = "",
  ) {
    const called = place?.operation ?? null;
    super({
      path: place === null ? `program: ${operation}` : place.text,
      message: `${called === null ? "this program" : called} cannot be compiled: ${reason}`,
      fix: `${mend === "" ? "" : `${mend}; or `}run it uncompiled with engine: "wasm" or "cpu", which is slower; docs/engine.md lists what can be compiled`,
    });
    if (place !== null) this.stack = `EngineError: ${this.message}\n${place.frames}`;
  }
}
