/** The whole record of a notebook's run, gathered by who executed it. */
import type { Trail } from "../../util/trail.js";
import { OpenedFiles, shownPath } from "./files.js";
import type { Provenance } from "./record.js";
import { repositoryOf, surroundings } from "./surroundings.js";

/** Of a notebook in `folder`, whose run left `trail`. A file that is gone by the end of the run is left out. */
export async function provenance(folder: string, trail: Trail | null): Promise<Provenance> {
  const opened = new OpenedFiles();
  for (const file of trail?.files ?? []) opened.open(file);
  const [around, repository] = await Promise.all([surroundings(folder), repositoryOf(folder), opened.settled()]);
  const { versions, machine, git } = around;
  return {
    versions,
    ...(git === undefined ? {} : { git }),
    seeds: trail?.seeds ?? [],
    data: [
      ...opened.records(trail?.files ?? [], (file) => shownPath(file, folder, repository)),
      ...(trail?.tables ?? []),
    ],
    machine,
  };
}
