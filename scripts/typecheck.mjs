// `npm run typecheck`: checks the types of the sources, which compiles them, and of every other project.
import { projects } from "./projects.mjs";
import { compiler, run, setUp, step } from "./setup.mjs";

await setUp();
for (const folder of projects()) {
  const code = await step(`Types of ${folder}`, () => run(process.execPath, [compiler(), "-p", folder, "--noEmit"]));
  if (code !== 0) process.exitCode = 1;
}
