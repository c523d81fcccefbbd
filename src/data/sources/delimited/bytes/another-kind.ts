/**
 * Detects files of another format by their first bytes.
 */
import { DataError } from "../../../../errors/index.js";
import type { Head } from "../head.js";
import { type CsvOptions, openingFix, saysCsv } from "../options.js";

interface Kind<Begins> {
  readonly begins: Begins;
  readonly message: string;
  readonly fix: (file: string) => string;
}

const utf16 = inEncoding("UTF-16");
const utf32 = inEncoding("UTF-32");

/** No CSV file starts like this. Bytes that are not UTF-8 are `\ufffd` here. */
const surely: readonly Kind<string>[] = [
  { begins: "\x1f\ufffd\b", message: "the file is compressed with gzip", fix: () => "rename it to end in .gz" },
  {
    begins: "(\ufffd/\ufffd",
    message: "the file is compressed with Zstandard",
    fix: () => "rename it to end in .zst",
  },
  { begins: "PK\x03\x04", message: "the file is a ZIP archive", fix: () => "unpack it" },
  { begins: "PAR1", message: "the file is Parquet", fix: () => "rename it to end in .parquet" },
  { begins: "\ufffd\ufffd\0\0", ...utf32 },
  { begins: "\0\0\ufffd\ufffd", ...utf32 },
  { begins: "\ufffd\ufffd", ...utf16 },
];

function inEncoding(encoding: string): Pick<Kind<string>, "message" | "fix"> {
  return {
    message: `the file is text in ${encoding}`,
    fix: () => `save it as UTF-8, for example with iconv -f ${encoding} -t UTF-8`,
  };
}

/** A CSV file may start like this if the caller says that it is CSV. */
const probably: readonly Kind<RegExp>[] = [
  {
    begins: /^\s*<(!doctype html|html|head|\?xml)\b/i,
    message: "the file seems to be a web page",
    fix: () => "download the file itself",
  },
  {
    begins: /^\s*(\[\s*)?\{\s*"/,
    message: "the file seems to be JSON",
    fix: (file) => `dataset.sql(${JSON.stringify(`select * from read_json('${file.replaceAll("'", "''")}')`)})`,
  },
  {
    begins: /^"?sep=.?"?(\r|\n|$)/i,
    message: "the first line names the separator for a spreadsheet program, not the columns",
    fix: () => "remove the first line",
  },
];

/** Throws a DataError if the first lines of a file are not CSV. @param opened the opened source */
export function refuseAnotherKind(
  file: string,
  { text }: Head,
  options: CsvOptions,
  opened: string | readonly string[],
): void {
  const kind = surely.find(({ begins }) => text.startsWith(begins));
  if (kind !== undefined) throw new DataError({ path: file, message: kind.message, fix: kind.fix(file) });
  const likely = saysCsv(options) ? undefined : probably.find(({ begins }) => begins.test(text));
  if (likely === undefined) return;
  throw new DataError({
    path: `${file}: line 1`,
    message: likely.message,
    received: text.slice(0, 40).split(/[\r\n]/)[0] ?? "",
    expected: "a line of column names",
    fix: `${likely.fix(file)}; if the line does contain names: ${openingFix(opened, { header: true })}`,
  });
}
