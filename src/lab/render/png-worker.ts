/** The thread that draws pictures, one at a time, in order of requests; see `png.ts`. */
import { PepnetError } from "../../core/errors/index.js";
import { failureText, serveCalls } from "../../core/util/called-thread.js";
import type { DrawRequest } from "./draw.js";
import { cachedPng } from "./png-cache.js";

const draw = async (request: DrawRequest) => (await import("./draw.js")).drawPng(request);

serveCalls(
  (request: DrawRequest) => cachedPng(request, draw),
  (error) => (error instanceof PepnetError ? error.message : failureText(error)),
);
