/** What the kernel says of itself. */
import { packageVersion } from "../paths.js";

/** The content of `kernel_info_reply`, and (its `language_info`) of a notebook's metadata. */
export function kernelInfo(): {
  readonly language_info: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
} {
  return {
    protocol_version: "5.3",
    implementation: "pepnet",
    implementation_version: packageVersion(),
    language_info: {
      name: "typescript",
      version: "5.0.4",
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
    },
    banner: `pepnet ${packageVersion()}: TypeScript 5.0.4 on Node ${process.versions.node}`,
    help_links: [],
  };
}
