/**
 * Runs the compiled command many times in one process, so that all but the first find its sources loaded: the parent
 * sends arguments, a folder and an environment, and gets back what was printed and the exit code. The command's own
 * files are loaded anew each time, the library's stay. A command ends when its process would: when nothing is left to do.
 */
const path = require("node:path");

const commandFolder = path.resolve(__dirname, "..", "..", "..", "dist", "kernel", "cli") + path.sep;
const exit = process.exit.bind(process);

process.on("message", async ({ args, cwd, env }) => {
  const before = handlers();
  const idle = busy();
  const printed = collectOutput();
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, `${commandFolder}main.js`, ...args];
  for (const file of Object.keys(require.cache)) if (file.startsWith(commandFolder)) delete require.cache[file];
  const exited = new Promise((resolve) => {
    process.exit = (code) => {
      process.exitCode = code ?? process.exitCode;
      resolve();
    };
  });
  const { ended } = require(process.argv[1]);
  const added = handlers().filter(({ handler }) => !before.some((each) => each.handler === handler));
  await Promise.race([ended.then(() => allDone(idle)), exited]);
  for (const { event, handler } of added) if (event === "exit") handler.call(process, process.exitCode ?? 0);
  const code = process.exitCode ?? 0;
  for (const { source, event, handler } of added) source.off(event, handler);
  process.exitCode = undefined;
  process.send({ code, out: printed.out.join(""), err: printed.err.join("") });
});
process.on("disconnect", () => exit());

/** Of the events that the command listens to. */
function handlers() {
  const ends = ["exit", "SIGINT", "SIGTERM", "SIGHUP"].map((event) => [process, event]);
  return [...ends, [process.stdout, "error"], [process.stderr, "error"]].flatMap(([source, event]) =>
    source.listeners(event).map((handler) => ({ source, event, handler })),
  );
}

/** How many things keep the process alive. */
function busy() {
  return process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length;
}

async function allDone(idle) {
  while (busy() > idle) await new Promise((resolve) => setTimeout(resolve, 1));
}

function collectOutput() {
  const printed = { out: [], err: [] };
  for (const [name, stream] of [
    ["out", process.stdout],
    ["err", process.stderr],
  ]) {
    stream.write = (chunk, ...rest) => {
      printed[name].push(Buffer.from(chunk).toString());
      const written = rest.find((each) => typeof each === "function");
      if (written !== undefined) process.nextTick(written);
      return true;
    };
  }
  return printed;
}
