/**
 * What a page may do, said to the browser by the page itself (a Content-Security-Policy): it runs its own scripts, known
 * by their hashes, and loads nothing. Whatever a name or an output should manage to bring into the page stays dead.
 */
import { createHash } from "node:crypto";

/** What a page needs. */
export interface PageNeeds {
  /** The code of its scripts, each as it stands between the tags. */
  readonly scripts: readonly string[];
  /** Its scripts compile code of their own. */
  readonly compiles?: boolean;
  /** It has pictures in files beside it. */
  readonly picturesBeside?: boolean;
  /** It has scripts in files beside it. */
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
