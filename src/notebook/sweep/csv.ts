/** Parses small CSV files of parameter sets, with RFC 4180 quotes and without types. */

/** Returns records of fields, without empty lines. Throws an Error for an unclosed quote. */
export function csvRecords(text: string): string[][] {
  const records: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let record: string[] = [];
  const source = text.replace(/^\ufeff/, "");
  while (field.lastIndex < source.length || record.length > 0) {
    const at = field.lastIndex;
    const match = field.exec(source);
    if (!match) throw new Error(`line ${source.slice(0, at).split("\n").length}: a quote is unclosed or misplaced`);
    record.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === ",") continue;
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
    if (match[3] === "") break;
  }
  return records;
}
