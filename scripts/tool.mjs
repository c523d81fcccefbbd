// `npm run lint`, `format` and `watch`: the program of a package for development, which is installed if it is missing.
import path from "node:path";
import { install, root, run } from "./setup.mjs";

const [program, ...args] = process.argv.slice(2);
await install();
process.exitCode = await run(process.execPath, [path.join(root, "node_modules", program), ...args], { keys: true });
