/** Where the raw files of a first evening are. */
import path from "node:path";

export const shared = process.env["PEPNET_SHARED"] ?? path.resolve("../shared");
export const evening = path.join(shared, "data", "first-evening");
