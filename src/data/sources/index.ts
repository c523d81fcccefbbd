/**
 * Sources of in-memory rows.
 */
export { columnsSource, memorySource } from "./memory.js";
