// `npm run package [-- --pack-destination DIR]`: compiles, and packs what a project installs. Plain `npm pack` takes what was
// compiled last, since `.npmrc` lets npm run no scripts of its own.
import { npmCli, run, setUp } from "./setup.mjs";

await setUp("run");
process.exitCode = await run(process.execPath, [npmCli(), "pack", ...process.argv.slice(2)]);
