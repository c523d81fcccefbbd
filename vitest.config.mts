import { tmpdir } from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: process.env.PEPNET_LONG ? [] : ["test/**/*.long.test.ts"],
    // Encoded files are cached for this run alone, never in the user's own folder.
    env: { PEPNET_CACHE: path.join(tmpdir(), `pepnet-test-cache-${process.pid}`) },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
});
