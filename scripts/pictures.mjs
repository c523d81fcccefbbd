// `npm run docs:pictures [-- NAME…]`: trains the models of docs/concepts.md, draws docs/images, writes the numbers that it quotes.
import path from "node:path";
import { compileTool, run, setUp } from "./setup.mjs";

await setUp();
const compiled = await compileTool("docs/pictures");
process.exitCode = await run(process.execPath, [path.join(compiled, "main.js"), ...process.argv.slice(2)]);
