/** Builds the provenance record of a notebook's run. */
import {
  hasChanges,
  OpenedFiles,
  type Provenance,
  readRepository,
  shownPath,
  surroundings,
} from "../../kernel/index.js";
import type { Trail } from "../../port/index.js";

/** The record of a notebook in `folder` with the run's `trail`. Files deleted during the run are left out. */
export async function provenance(folder: string, trail: Trail | null): Promise<Provenance> {
  const opened = new OpenedFiles();
  for (const file of trail?.files ?? []) opened.open(file);
  const { versions, machine, git } = surroundings(folder);
  const root = readRepository(folder)?.root ?? null;
  const [dirty] = await Promise.all([root !== null && git ? hasChanges(root) : null, opened.settled()]);
  return {
    versions,
    ...(git === undefined ? {} : { git: { ...git, dirty: dirty ?? undefined } }),
    seeds: trail?.seeds ?? [],
    data: [...opened.records(trail?.files ?? [], (file) => shownPath(file, folder, root)), ...(trail?.tables ?? [])],
    machine,
  };
}
