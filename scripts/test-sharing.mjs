// Which test files share a process, and with it what others have loaded and compiled: that saves each about a second.
// They are those of folders that start no kernel and no browser of their own, unless their text changes or measures the
// process, and does not undo it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** Folders whose files share processes; several groups, since a process grows with what its files leave behind. */
const groups = {
  types: ["types"], // what one has parsed of TypeScript's library and of the declarations, others need not
  data: ["api", "cli", "data", "domains", "samples", "train"],
  engine: [
    "ablation",
    "bridge",
    "days",
    "engine",
    "gates",
    "jit",
    "launch",
    "metrics",
    "nn",
    "parity",
    "serve",
    "tfjs",
  ],
  faults: ["faults"],
  views: ["builder", "charts", "config", "notebook", "render", "report", "spec", "tables", "util"],
  sources: ["house", "layering.test.ts", "promises.test.ts", "scripts"],
};

const reasons = [
  /\bvi\.(mock|doMock|stubGlobal|useFake)/,
  /\bvi\.stubEnv\((?!"PEPNET_CACHE",)/, // the others are read when sources are loaded
  /\bprocess\.env(\.\w+|\["\w+"\]) = |\bdelete process\.env\b/,
  /\bprocess\.(chdir|on|once|umask)\(/,
  // What the process needs, or has compiled so far.
  /\b(memory|resource)Usage\b|\/proc\/self\b|\bsetFlagsFromString\b|\bcompilations\(/,
];

/** What is undone by a later call. */
const changes = [
  { does: /\bvi\.stubEnv\(/, undoes: /\bvi\.unstubAllEnvs\(/ },
  { does: /\bvi\.spyOn\(/, undoes: /\bvi\.restoreAllMocks\b/ },
];

/** `data` of `core/data/x.test.ts`; the kernel's own files are in no room of its house. */
function roomOf([first, second]) {
  const isRoom = first === "core" || first === "lab" || (first === "kernel" && ["cli", "notebook"].includes(second));
  return isRoom ? second : first;
}

/** By group, relative to the project, with "/". */
export function sharingTestFiles() {
  const tests = path.join(root, "test");
  const files = readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .filter((name) => !needsOwnProcess(readFileSync(path.join(tests, name), "utf8")))
    .map((name) => name.split(path.sep));
  return Object.entries(groups).map(([name, folders]) => ({
    name,
    files: files.flatMap((parts) => (folders.includes(roomOf(parts)) ? [path.posix.join("test", ...parts)] : [])),
  }));
}

/** @param {string} text of a test file */
export function needsOwnProcess(text) {
  return (
    reasons.some((reason) => reason.test(text)) ||
    changes.some(({ does, undoes }) => does.test(text) && !undoes.test(text))
  );
}
