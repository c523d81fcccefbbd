/** The error of an operation that cannot be traced or compiled. */
import { EngineError } from "../errors/index.js";
import type { Place } from "../port/place.js";

export class Refusal extends EngineError {
  override readonly name = "EngineError";

  /** @param operation the kernel, if the place does not name the call @param reason after "cannot be compiled: " */
  constructor(
    readonly operation: string,
    readonly reason: string,
    readonly place: Place | null = null,
    readonly advice: string = "",
  ) {
    const called = place?.operation ?? null;
    super({
      path: place === null ? `program: ${operation}` : place.text,
      message: `${called === null ? "this program" : called} cannot be compiled: ${reason}`,
      fix: `${advice === "" ? "" : `${advice}; or `}run it uncompiled with engine: "wasm" or "cpu", which is slower; docs/engine.md lists what can be compiled`,
    });
    if (place !== null) this.stack = `EngineError: ${this.message}\n${place.frames}`;
  }
}
