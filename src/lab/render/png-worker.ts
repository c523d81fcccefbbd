/** The thread that draws pictures, one at a time, in order of requests; see `png.ts`. */
import { PepnetError } from "../../core/errors/index.js";
import { failureText, serveCalls } from "../../core/util/called-thread.js";
import { drawPng } from "./draw.js";

serveCalls(drawPng, (error) => (error instanceof PepnetError ? error.message : failureText(error)));
