/** Sources that hold rows in memory. */
export { columnsSource, memorySource } from "./memory.js";
