/** The thread that draws pictures, one at a time, in order of requests; see `png.ts`. */
import { failureText, serveCalls } from "../util/threads/called-thread.js";
import { drawPng } from "./draw.js";

serveCalls(drawPng, failureText);
