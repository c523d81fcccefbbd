/**
 * The folder `shared` beside the repository: golden numbers and a real data set that must not enter it.
 * Tests that need it are skipped, by name, where it is absent. PEPNET_SHARED names another place.
 */
import { existsSync } from "node:fs";
import path from "node:path";

const root = process.env.PEPNET_SHARED ?? path.resolve(__dirname, "..", "..", "shared");

/** Whether the folder is there. */
export const hasShared: boolean = existsSync(root);

/** A path below it. */
export function sharedPath(...parts: string[]): string {
  return path.join(root, ...parts);
}
