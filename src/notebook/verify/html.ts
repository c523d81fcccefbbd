/** Compares HTML outputs by tags and text in order, ignoring columns of times. */
import type { Comparison, Difference } from "./difference.js";
import { compareText } from "./text.js";
import { isTimeName, timeMark } from "./times.js";

/** Returns differences; each element and text of the page counts as a line. */
export function compareHtml(
  recorded: string,
  now: string,
  comparison: Comparison,
): Omit<Difference, "output" | "form">[] {
  const marked = withoutTimeColumns(recorded, comparison.onIgnored);
  return compareText(onLines(marked), onLines(withoutTimeColumns(now, () => {})), comparison).map((difference) => ({
    ...difference,
    ...(difference.where === undefined ? {} : { where: difference.where.replace("line", "element") }),
  }));
}

/** One tag or text per line. */
function onLines(html: string): string {
  return html
    .replace(/\s+/g, " ")
    .replace(/\s*(<[^>]*>)\s*/g, "\n$1\n")
    .replace(/\n+/g, "\n")
    .trim();
}

/** The cells of table columns whose heading names a time or a rate. */
function withoutTimeColumns(html: string, onTime: () => void): string {
  return html.replace(/<table\b[\s\S]*?<\/table>/gi, (table) => {
    let times: number[] = [];
    return table.replace(/<tr\b[\s\S]*?<\/tr>/gi, (row) => {
      const heads = [...row.matchAll(/<th\b[^>]*>([\s\S]*?)<\/th>/gi)].map(([, text]) => text!.replace(/<[^>]*>/g, ""));
      if (heads.length > 1) times = heads.flatMap((name, at) => (isTimeName(name) ? [at] : []));
      let at = -1;
      return row.replace(
        /(<t[dh]\b[^>]*>)([\s\S]*?)(<\/t[dh]>)/gi,
        (cell, open: string, _text: string, close: string) => {
          at++;
          if (!times.includes(at) || /^<th/i.test(open)) return cell;
          onTime();
          return `<td>${timeMark}${close}`;
        },
      );
    });
  });
}
