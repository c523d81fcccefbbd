// `npm run docs`: the guides and the reference of every exported name as one site, out/docs/index.html.
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

await setUp();
const typedoc = path.join(root, "node_modules", "typedoc", "bin", "typedoc");
process.exitCode = await run(process.execPath, [typedoc, "--options", path.join(root, "typedoc.config.mjs")]);
