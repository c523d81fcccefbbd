/** The state of priors in an exported model: the columns that it adds to rows without them, and its counts. */
import { newColumns } from "../data/priors/plan.js";
import { type PriorsAbout, planOf, readAbout } from "../data/priors/state.js";
import { newPrivateFile, removePrivateFile } from "../data/sources/file-version.js";
import { writtenDuration } from "../data/table/duration.js";
import type { Table } from "../data/table/table.js";
import { DataError } from "../errors/index.js";
import { readWhole } from "../util/files/read-whole.js";
import { count } from "../util/text.js";
import type { EncodersFile, ServedPriors } from "./encoder-types.js";

/** @throws DataError for a table that is no state of priors, or one whose columns the model does not read */
export async function servedPriors(
  state: Table,
  encoders: EncodersFile,
): Promise<{ readonly priors: ServedPriors; readonly bytes: Uint8Array }> {
  const about = await readAbout(state, "export: priors");
  const priors = { ...described(about), columns: columnsOf(state, about, encoders) };
  const file = await newPrivateFile(".parquet", (fresh) => state.toParquet(fresh));
  try {
    return { priors, bytes: await readWhole(file, "weights") };
  } finally {
    removePrivateFile(file);
  }
}

function described({ labels, levels, time }: PriorsAbout): Omit<ServedPriors, "columns"> {
  const end = time === null ? null : time.isDates ? new Date(time.last / 1000).toISOString() : time.last / time.scale;
  return {
    keys: levels.filter(({ isAsked }) => isAsked).map(({ columns }) => columns),
    until: end === null ? null : String(end),
    delays: Object.fromEntries(labels.map(({ name, delay }) => [name, writtenDuration(delay / 1000)])),
  };
}

function columnsOf(state: Table, about: PriorsAbout, { features, derived = {} }: EncodersFile): string[] {
  const sources = Object.values(derived).flatMap((rule) => [rule.from, ...("to" in rule ? [rule.to] : [])]);
  const crossed = features.flatMap((feature) => (feature.kind === "ids" ? (feature.cross ?? []) : []));
  const read = new Set([...features.flatMap(({ columns }) => columns), ...crossed, ...sources]);
  const names = newColumns(planOf(about)).map(({ name }) => name);
  const columns = names.filter((name) => read.has(name));
  if (columns.length > 0) return columns;
  throw new DataError({
    path: `export: priors: ${state.source}`,
    message: "the model reads no column of this state",
    received: `a state for ${count(names.length, "column")}, such as ${names[0]}`,
    expected: "the state of the log that the model was trained on",
    fix: "leave priors out, or train a model that reads these columns",
  });
}
