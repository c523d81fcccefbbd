/** How the result of a live output is shown: as one output, or a list of charts and tables as several. */
import { type MimeBundle, notebookDisplay } from "../port/index.js";
import { escapeHtml } from "../util/text/escape.js";

interface ShowsItself {
  bundle(): Promise<MimeBundle>;
  /** The bundle without parts that take long, such as a chart's static picture. */
  quickBundle?(): Promise<MimeBundle>;
}

/** The bundles of a result or of an error. `isQuick`: without parts that take long, since they soon change again. */
export async function bundlesOf(
  result: { readonly value: unknown } | { readonly error: unknown },
  isQuick: boolean,
): Promise<readonly MimeBundle[]> {
  try {
    if ("error" in result) throw result.error;
    const { value } = result;
    if (Array.isArray(value) && value.length > 0 && value.every(showsItself)) {
      return await Promise.all(value.map((each) => bundleOf(each, isQuick)));
    }
    return [await bundleOf(value, isQuick)];
  } catch (error) {
    return [errorBundle(error)];
  }
}

async function bundleOf(value: unknown, isQuick: boolean): Promise<MimeBundle> {
  if (showsItself(value)) return isQuick ? (value.quickBundle?.() ?? value.bundle()) : value.bundle();
  const output = await notebookDisplay()?.show?.(value);
  if (output?.problem !== undefined) throw output.problem;
  return output?.bundle ?? { "text/plain": String(value) };
}

function showsItself(value: unknown): value is ShowsItself {
  return typeof value === "object" && value !== null && typeof (value as Partial<ShowsItself>).bundle === "function";
}

function errorBundle(error: unknown): MimeBundle {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { "text/html": `<pre style="color:#b3261e">${escapeHtml(text)}</pre>`, "text/plain": text };
}
