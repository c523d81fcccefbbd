import { quickInfoText } from "../compiler/quick-info.js";
import { packageVersion } from "../kernelspec.js";
import type { Surroundings } from "../provenance.js";
import type { Session } from "./session.js";

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

export function completeReply(session: Session, code: string, cursor: number): object {
  const { start, end, candidates } = session.complete(code, toUnits(code, cursor));
  const span = { start: toPoints(code, start), end: toPoints(code, end) };
  // JupyterLab and VS Code read the kinds from here.
  const types = candidates.map(({ text, kind: type }) => ({ ...span, text, type }));
  const metadata = { _jupyter_types_experimental: types };
  return { matches: candidates.map(({ text }) => text), cursor_start: span.start, cursor_end: span.end, metadata };
}

export function inspectReply(
  session: Session,
  code: string,
  cursor: number,
): { found: boolean; data: Record<string, string>; metadata: object } {
  const info = session.inspect(code, toUnits(code, cursor));
  if (!info) return { found: false, data: {}, metadata: {} };
  return { found: true, data: { "text/plain": quickInfoText(info) }, metadata: {} };
}

export function namePage(session: Session, name: string): object {
  const { data } = inspectReply(session, name, name.length);
  const text = data["text/plain"] ?? `no information about ${name}`;
  return { source: "page", data: { "text/plain": text }, start: 0 };
}

export function toUnits(code: string, points: number): number {
  return [...code].slice(0, points).join("").length;
}

export function toPoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}
