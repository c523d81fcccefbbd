/** The output and the exit of commands. */

export { createLog } from "./create-log.js";
export { printFindings } from "./findings.js";
export type { Fields, Log } from "./log.js";
export { note, textLine } from "./script-log.js";
export { endOnSignals, type Signals, StoppedError, watchSignals } from "./signals.js";
export { outputFailure, printFile, showControlCharacters, surviveClosedStreams } from "./standard-streams.js";
export { printStyled, styled } from "./styles.js";
