import { tmpdir } from "node:os";
import path from "node:path";
import { defineConfig, type Plugin } from "vitest/config";
import { excludedTests } from "./scripts/test-kinds.mjs";
import { prepareTests } from "./scripts/test-needs.mjs";
import { LongestFirst } from "./scripts/test-order.mjs";
import { sharingTestFiles } from "./scripts/test-sharing.mjs";

const exclude = excludedTests(process.env.PEPNET_LONG ? "long" : process.env.PEPNET_TESTS);
const together = sharingTestFiles();

/** Encoded files, compiled code and the kernel's snapshot are cached for this run alone, never in the user's own folder. */
const cache = path.join(tmpdir(), `pepnet-test-cache-${process.pid}`);

export default defineConfig({
  // Threads load no TypeScript: there their files are transpiled first.
  resolve: { alias: [{ find: /^.*\/util\/worker-file\.js$/, replacement: path.resolve("test/worker-file.ts") }] },
  plugins: [prepareTests(cache), lateParts()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: ["test/**/*.test.ts"],
          exclude: [...exclude, ...together.flatMap(({ files }) => files)],
        },
      },
      ...together.map(({ name, files }) => ({
        extends: true as const,
        test: { name, include: files, exclude, isolate: false },
      })),
    ],
    env: { PEPNET_CACHE: cache },
    setupFiles: ["test/long-columns.ts"],
    pool: "forks",
    maxWorkers: 4, // some wait for browsers and kernels
    sequence: { sequencer: LongestFirst },
    testTimeout: 600_000, // a machine may be ten times slower than a quiet one
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
  },
});

/**
 * Sources load some of their own parts by `require`, when a synchronous method first needs them. Tests run the sources
 * as modules, where `require` finds no TypeScript: there these parts are imports like all others.
 */
function lateParts(): Plugin {
  return {
    name: "late-parts",
    enforce: "pre",
    transform(code, file) {
      if (!/[\\/]src[\\/].*\.ts$/.test(file)) return null;
      const imports: string[] = [];
      const changed = code.replace(/\brequire\((".[^"]*\.js")\)/g, (_, target) => {
        imports.push(`import * as late${imports.length} from ${target};`);
        return `late${imports.length - 1}`;
      });
      return imports.length === 0 ? null : `${imports.join("")}${changed}`; // on one line, so that the others stay
    },
  };
}
