/** The whole record of a notebook's run, gathered by who executed it. */
import {
  hasChanges,
  OpenedFiles,
  type Provenance,
  readRepository,
  shownPath,
  surroundings,
} from "../../kernel/index.js";
import type { Trail } from "../../port/index.js";

/** Of a notebook in `folder`, whose run left `trail`. A file that is gone by the end of the run is left out. */
export async function provenance(folder: string, trail: Trail | null): Promise<Provenance> {
  const opened = new OpenedFiles();
  for (const file of trail?.files ?? []) opened.open(file);
  const { versions, machine, git } = surroundings(folder);
  const root = readRepository(folder)?.root ?? null;
  const [dirty] = await Promise.all([root !== null && git ? hasChanges(root) : null, opened.settled()]);
  return {
    versions,
    ...(git === undefined ? {} : { git: { ...git, ...(dirty === null ? {} : { dirty }) } }),
    seeds: trail?.seeds ?? [],
    data: [...opened.records(trail?.files ?? [], (file) => shownPath(file, folder, root)), ...(trail?.tables ?? [])],
    machine,
  };
}
