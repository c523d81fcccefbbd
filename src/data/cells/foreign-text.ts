/** Numbers and dates as some countries write them, which are text here: the call that converts their column. */
import { stringLiteral } from "../../util/text/code-text.js";
import { identifier } from "../sources/duckdb/names.js";

const number = /^[-+]?(\d{1,3}(\.\d{3})+|\d+),\d+$/;
const date = /^(\d{1,2})([./-])(\d{1,2})\2\d{4}( \d{1,2}:\d{2}(:\d{2})?)?$/;
const yearFirst = /^\d{4}[./]\d{1,2}[./]\d{1,2}$/;

/** For a number with a decimal comma, such as `"1.100,50"`; else `undefined`. @param received in quotes */
export function commaFix(column: string, received: string): string | undefined {
  if (!number.test(unquoted(received))) return undefined;
  return derived(column, `replace(replace(${identifier(column)}, '.', ''), ',', '.')::double`);
}

/** For a date such as `"25.04.2024"` or `"4/25/2024 10:30"`; else how to write it by hand. @param received in quotes */
export function dateFix(column: string, received: string): string {
  const formats = dateFormats(unquoted(received));
  const [first = "%d.%m.%Y", other] = formats;
  const call = derived(column, `strptime(${identifier(column)}, '${first}')`);
  if (formats.length === 0) return `${call}, with the format of the column`;
  return other === undefined ? call : `${call}, or '${other}' if the month is first`;
}

/** The formats that fit; day before month if both do. */
function dateFormats(text: string): string[] {
  if (yearFirst.test(text)) return [`%Y${text[4]}%m${text[4]}%d`];
  const parts = date.exec(text);
  if (parts === null) return [];
  const [, first = "", mark = "", second = "", time, seconds] = parts;
  const clock = time === undefined ? "" : seconds === undefined ? " %H:%M" : " %H:%M:%S";
  return [
    ...(Number(second) <= 12 ? [`%d${mark}%m${mark}%Y${clock}`] : []),
    ...(Number(first) <= 12 && mark !== "." ? [`%m${mark}%d${mark}%Y${clock}`] : []),
  ];
}

function unquoted(received: string): string {
  return received.replace(/^"|"$/g, "");
}

function derived(column: string, expression: string): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(column) ? column : stringLiteral(column);
  return `await data.derive({ ${key}: ${stringLiteral(expression)} })`;
}
