/** The formats, in `strptime` syntax, in which a text is a date: day first, month first, with names, with a clock. */

const clock = "(?:[ T](\\d{1,2}):(\\d{2})(:\\d{2})?(\\.\\d{1,6})?( ?[AaPp][Mm])?)?";
const months = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const longMonths = "January|February|March|April|May|June|July|August|September|October|November|December";
const month = `(${longMonths}|${months})`;
const numeric = new RegExp(`^(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4}|\\d{2})${clock}$`);
const yearFirst = new RegExp(`^\\d{4}([./])\\d{1,2}\\1\\d{1,2}${clock}$`);
const dayAndName = new RegExp(`^\\d{1,2}([ -])${month}\\1(\\d{4}|\\d{2})${clock}$`, "i");
const nameAndDay = new RegExp(`^${month} \\d{1,2}(,?) \\d{4}${clock}$`, "i");
const webLog = new RegExp(`^\\d{1,2}/(?:${months})/\\d{4}:\\d{2}:\\d{2}:\\d{2} [+-]\\d{4}$`);

/** All formats that fit the text; ISO 8601 is none of them, since it is read as it is. */
export function dateFormats(text: string): string[] {
  const parts = numeric.exec(text);
  if (parts !== null) return numericFormats(parts);
  const years = yearFirst.exec(text);
  if (years !== null) return [`%Y${years[1]}%m${years[1]}%d${clockFormat(text, years.slice(2))}`];
  const days = dayAndName.exec(text);
  if (days !== null) {
    const [, mark = "", name = "", year = "", ...time] = days;
    return [`%d${mark}${nameFormat(name)}${mark}${yearFormat(year)}${clockFormat(text, time)}`];
  }
  const names = nameAndDay.exec(text);
  if (names !== null) return [`${nameFormat(names[1]!)} %d${names[2]} %Y${clockFormat(text, names.slice(3))}`];
  return webLog.test(text) ? ["%d/%b/%Y:%H:%M:%S %z"] : [];
}

function numericFormats([text, first = "", mark = "", second = "", year = "", ...time]: RegExpExecArray): string[] {
  const rest = `${yearFormat(year)}${clockFormat(text, time)}`;
  return [
    ...(Number(second) <= 12 && Number(first) <= 31 ? [`%d${mark}%m${mark}${rest}`] : []),
    ...(Number(first) <= 12 && Number(second) <= 31 && mark !== "." ? [`%m${mark}%d${mark}${rest}`] : []),
  ];
}

function yearFormat(year: string): string {
  return year.length === 4 ? "%Y" : "%y";
}

function nameFormat(name: string): string {
  return name.length === 3 ? "%b" : "%B";
}

function clockFormat(text: string, [hour, , seconds, fraction, half]: readonly (string | undefined)[]): string {
  if (hour === undefined) return "";
  const start = text.includes("T") && /\dT\d/.test(text) ? "T" : " ";
  const end = half === undefined ? "" : half.startsWith(" ") ? " %p" : "%p";
  return `${start}${half === undefined ? "%H" : "%I"}:%M${seconds === undefined ? "" : ":%S"}${fraction === undefined ? "" : ".%f"}${end}`;
}
