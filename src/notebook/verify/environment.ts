/** Describes how the environment of a new run differs from the recorded one. */
import type { DataRecord, Provenance } from "../../kernel/index.js";

/** Empty if they are the same. */
export function environmentDifferences(recorded: Provenance | null, now: Provenance): string[] {
  if (recorded === null) {
    return [
      "the notebook has no valid record of its environment: another kernel or version executed it, or the record was changed",
    ];
  }
  return [
    ...changes("", recorded.versions, now.versions),
    ...gitChanges(recorded.git, now.git),
    ...changes("machine: ", recorded.machine, now.machine),
    ...seedChanges(recorded.seeds, now.seeds),
    ...dataChanges(recorded.data, now.data),
  ];
}

function changes(what: string, recorded: object, now: object): string[] {
  const [old, fresh] = [recorded, now] as Record<string, unknown>[] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .filter((key) => old[key] !== fresh[key])
    .map((key) => `${what}${key} ${old[key] ?? "not recorded"} → ${fresh[key] ?? "missing"}`);
}

/** Changed files count only if known: the kernel does not check them in JupyterLab. */
function gitChanges(recorded: Provenance["git"], now: Provenance["git"]): string[] {
  const isSame = recorded?.commit === now?.commit && (recorded?.dirty ?? false) === (now?.dirty ?? false);
  return isSame ? [] : [`git: ${gitName(recorded)} → ${gitName(now)}`];
}

function gitName(git: Provenance["git"]): string {
  if (git === undefined) return "no repository";
  return `${git.commit.slice(0, 10)}${git.dirty ? " with changes" : ""}`;
}

function seedChanges(recorded: Provenance["seeds"], now: Provenance["seeds"]): string[] {
  const list = (seeds: Provenance["seeds"]): string =>
    seeds.map(({ use, seed }) => `${use} ${seed}`).join(", ") || "none";
  return list(recorded) === list(now) ? [] : [`seeds: ${list(recorded)} → ${list(now)}`];
}

/** Compared by the last part of the name, since folders differ between machines. */
function dataChanges(recorded: readonly DataRecord[], now: readonly DataRecord[]): string[] {
  const key = ({ name }: DataRecord): string => name.split("/").at(-1)!;
  const isSame = (a: DataRecord, b: DataRecord): boolean =>
    a.sha256 === undefined || b.sha256 === undefined ? key(a) === key(b) && a.bytes === b.bytes : a.sha256 === b.sha256;
  const has = (records: readonly DataRecord[], record: DataRecord): boolean =>
    records.some((other) => isSame(other, record));
  const gone = recorded.filter((record) => !has(now, record));
  const fresh = now.filter((record) => !has(recorded, record));
  return [
    ...gone.map((record) => {
      const other = fresh.find((each) => key(each) === key(record));
      return other ? `data: ${record.name} has other contents` : `data: ${record.name} was not opened`;
    }),
    ...fresh
      .filter((each) => !gone.some((record) => key(record) === key(each)))
      .map(({ name }) => `data: ${name} is new`),
  ];
}
