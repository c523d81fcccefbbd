/** Replies about code: completion, inspection, and the page that `name?` shows. */
import { toPoints, toUnits } from "../code/positions.js";
import { quickInfoText } from "../code/quick-info.js";
import type { Session } from "../session.js";

/** The content of `complete_reply`. */
export function completeReply(session: Session, code: string, cursor: number): object {
  const { start, end, candidates } = session.complete(code, toUnits(code, cursor));
  const span = { start: toPoints(code, start), end: toPoints(code, end) };
  // JupyterLab and VS Code read the kinds from here.
  const types = candidates.map(({ text, kind: type }) => ({ ...span, text, type }));
  const metadata = { _jupyter_types_experimental: types };
  return { matches: candidates.map(({ text }) => text), cursor_start: span.start, cursor_end: span.end, metadata };
}

/** The content of `inspect_reply`. */
export function inspectReply(
  session: Session,
  code: string,
  cursor: number,
): { found: boolean; data: Record<string, string>; metadata: object } {
  const info = session.inspect(code, toUnits(code, cursor));
  if (!info) return { found: false, data: {}, metadata: {} };
  return { found: true, data: { "text/plain": quickInfoText(info) }, metadata: {} };
}

/** `name?` and `?name` show the compiler's information about a name. */
export function namePage(session: Session, name: string): object {
  const { data } = inspectReply(session, name, name.length);
  const text = data["text/plain"] ?? `no information about ${name}`;
  return { source: "page", data: { "text/plain": text }, start: 0 };
}
