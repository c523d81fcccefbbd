/** A worker thread that reads CSV records; see `csv-source.ts`. */
import { serveCalls } from "../../../util/called-thread.js";
import { readTask } from "./read-records.js";

serveCalls(readTask, (error) => (error instanceof Error ? error.message : String(error)));
