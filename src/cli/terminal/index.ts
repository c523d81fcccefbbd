/** The output and the exit of commands. */

export { createLog, type Fields, type Log, logEvaluation, textLine } from "./log.js";
export { endOnSignals, type Signals, StoppedError, watchSignals } from "./signals.js";
export { outputFailure, printFile, showControlCharacters, surviveClosedStreams } from "./standard-streams.js";
