/**
 * Files of JSON objects, one a line or in an array, read by DuckDB. All rows decide the columns and their types; texts
 * stay texts, also those that look like dates.
 */
import { DataError, type Problem } from "../../errors/index.js";
import { repeatedMessage, repeatedNames } from "./csv/options.js";
import { fileList, identifier, literal, queryRows } from "./duckdb/duckdb.js";
import { openRelation, readable } from "./duckdb/relation.js";
import { fileVersions } from "./file-version.js";
import { oneTable } from "./one-table.js";
import { locator, type Source } from "./source.js";

/** The structure of values as DuckDB writes it: a type, the structure of a list's items, or that of an object. */
type Structure = string | readonly [Structure] | { readonly [key: string]: Structure };

const options = `format = 'auto', maximum_object_size = ${1 << 25}`;

/** Opens files of JSON objects as one source. */
export async function jsonSource(name: string, files: readonly string[]): Promise<Source> {
  const version = fileVersions(files);
  const explain = async (words: string): Promise<Problem | null> => malformed(words);
  const tables = await readable(name, () => Promise.all(files.map(readStructures)), explain);
  const { names, notes } = oneTable(
    name,
    files.map((file, index) => ({ file, names: Object.keys(tables[index]!) })),
  );
  const all = files.length === 1 ? tables[0]! : await mergedStructure(files, name);
  const columns = names.map((column) => `${literal(column)}: ${literal(sqlType(all[column] ?? "VARCHAR"))}`);
  const mixed = names.filter((column) => all[column] === "JSON");
  const read = (paths: readonly string[]): string =>
    `read_json(${fileList(paths)}, ${options}, columns = {${columns.join(", ")}})`;
  const rowsOfFile = async (file: string): Promise<number> => {
    const [row] = await queryRows(`SELECT count(*) AS rows FROM ${read([file])}`);
    return Number(row?.["rows"]);
  };
  const source = await readable(
    name,
    () => openRelation({ name, relation: read(files), locate: locator(files, rowsOfFile), version, explain }),
    explain,
  );
  const mixes = mixed.map((column) => `column "${column}" mixes kinds of values and is read as text`);
  return { ...source, notes: [...notes, ...mixes] };
}

async function readStructures(file: string): Promise<Readonly<Record<string, Structure>>> {
  const columns = await mergedStructure([file], file);
  const repeated = repeatedNames(Object.keys(columns)).map(({ name, first }) => ({
    path: file,
    message: repeatedMessage(name, first),
    fix: "give each column a different name",
  }));
  if (repeated.length > 0) throw new DataError(repeated);
  return columns;
}

/** The columns of all rows of some files. */
async function mergedStructure(files: readonly string[], name: string): Promise<Readonly<Record<string, Structure>>> {
  const [row] = await queryRows(
    `SELECT json_group_structure(json) AS structure FROM read_json_objects(${fileList(files)}, ${options})`,
  );
  const text = row?.["structure"];
  const structure = (typeof text === "string" ? JSON.parse(text) : {}) as Structure;
  if (typeof structure !== "object" || Array.isArray(structure)) {
    throw new DataError({
      path: name,
      message: "the file does not contain JSON objects",
      received: `values such as ${String(text).slice(0, 60)}`,
      expected: 'one object a line, such as {"user_id": 1, "clk": 0}, or an array of objects',
    });
  }
  return structure as Readonly<Record<string, Structure>>;
}

function sqlType(structure: Structure): string {
  if (Array.isArray(structure)) return `${sqlType(structure[0] as Structure)}[]`;
  if (typeof structure === "object") {
    const fields = Object.entries(structure).map(([key, value]) => `${identifier(key)} ${sqlType(value)}`);
    return fields.length === 0 ? "VARCHAR" : `STRUCT(${fields.join(", ")})`;
  }
  return structure === "NULL" || structure === "JSON" ? "VARCHAR" : structure;
}

/** DuckDB's message about text that is not JSON. */
function malformed(words: string): Problem | null {
  const [, file, line, reason] =
    /Malformed JSON in file "(.*)", at byte \d+ in (?:line|record\/value) (\d+): (.*)/.exec(words) ?? [];
  if (file === undefined) return null;
  return {
    path: `${file}: line ${line}`,
    message: `not valid JSON: ${reason?.trim().replace(/\.$/, "")}`,
    expected: "one object a line, or an array of objects",
    fix: "correct the line, or write the file again",
  };
}
