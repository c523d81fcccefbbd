/**
 * The Content-Security-Policy of a page: it may run only its scripts, identified by hash, and loads nothing. Injected
 * scripts do not run.
 */
import { createHash } from "node:crypto";

/** The needs of a page. */
export interface PageNeeds {
  /** The code of each script, exactly as between the tags. */
  readonly scripts: readonly string[];
  /** Whether its scripts compile code. */
  readonly compiles?: boolean;
  /** Whether it uses picture files in its folder. */
  readonly picturesBeside?: boolean;
  /** Whether it uses script files in its folder. */
  readonly scriptsBeside?: boolean;
}

const beside = ["'self'", "file:"];

/** The policy as an element; it holds for what follows it in the head. */
export function contentPolicy({ scripts, compiles, picturesBeside, scriptsBeside }: PageNeeds): string {
  const hashes = scripts.map((code) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`);
  const allowed = [...new Set(hashes), ...(compiles ? ["'unsafe-eval'"] : []), ...(scriptsBeside ? beside : [])];
  const policy = [
    "default-src 'none'",
    `script-src ${allowed.length > 0 ? allowed.join(" ") : "'none'"}`,
    "style-src 'unsafe-inline'",
    // blob: is how Plotly's button saves a picture.
    `img-src ${["data:", "blob:", ...(picturesBeside ? beside : [])].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">`;
}
