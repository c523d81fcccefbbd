/** The kernel's description of itself. */
import { packageVersion } from "../../paths.js";
import type { Surroundings } from "../../provenance/record.js";

/** The version of the compiler of cells. */
export const typescriptVersion = "6.0.3";

/**
 * The content of `kernel_info_reply`, and (its `language_info`) of a notebook's metadata. It includes `around`: clients
 * save the language info, so that a notebook records its environment in every client.
 */
export function kernelInfo(around?: Surroundings): {
  readonly language_info: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
} {
  return {
    protocol_version: "5.3",
    implementation: "pepnet",
    implementation_version: packageVersion(),
    language_info: {
      name: "typescript",
      version: typescriptVersion,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
      pepnet: around,
    },
    banner: `pepnet ${packageVersion()}: TypeScript ${typescriptVersion} on Node ${process.versions.node}`,
    help_links: [],
  };
}
