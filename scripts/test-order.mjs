// The order of test files: those that take longest come first, so that both workers end at about the same time. A fresh
// clone has no times of an earlier run, by which vitest orders the others.
import path from "node:path";
import { BaseSequencer } from "vitest/node";
import { root } from "./setup.mjs";

/** Of the files with a process of their own, below `test/` and without `.test.ts`: those of 15 s and more, longest first. */
export const longest = [
  "notebooks/notebooks.slow",
  "package/package.slow",
  "kernel/interrupted-work.slow",
  "kernel/snapshot.slow",
  "kernel/lab-session.slow",
  "kernel/lab.slow",
  "docs/how-to.slow",
  "kernel/node-lines.slow",
  "core/engine/leaks.slow",
  "kernel/notebook/verify.slow",
  "lab/ablation/stopping.slow",
  "kernel/jupyter.slow",
  "core/data/csv-order.slow",
  "notebooks/clients.slow",
  "kernel/cell-programs.slow",
  "kernel/stop.slow",
  "docs/reference.slow",
  "package/wheel.slow",
  "style.slow",
  "kernel/interrupt.slow",
  "docs/torcheasyrec.slow",
  "kernel/install-interrupted.slow",
  "core/data/delimited/memory.slow",
  "docs/pandas.slow",
  "kernel/install.slow",
  "kernel/name-completion.slow",
  "kernel/quiet.slow",
  "kernel/deferred-files.slow",
  "kernel/custom-layer.slow",
  "kernel/idle-collection.slow",
];

/** The same of those that share a process, group by group: the last of the last group leave a worker idle. */
export const longestTogether = [
  "types/declarations.slow",
  "types/names.slow",
  "types/ablate.slow",
  "types/model.slow",
  "types/column-names.slow",
  "lab/domains/suggest-domain.slow",
  "lab/domains/screen.slow",
  "lab/domains/transfer.slow",
  "kernel/cli/new.slow",
  "core/train/user-evaluations.slow",
  "kernel/cli/train.slow",
  "core/data/priors/oracle.slow",
  "core/data/look-ahead.slow",
  "kernel/cli/screen.slow",
  "kernel/cli/signals.slow",
  "core/data/verb-order.slow",
  "core/train/saved/lock.slow",
  "core/data/zones.slow",
  "api/suggest-priors.slow",
  "lab/domains/prototype.slow",
  "core/data/csv-late.slow",
  "api/dial-page.slow",
  "lab/gates/audit.slow",
  "lab/ablation/worth.slow",
  "parity/pipelines.slow",
  "core/jit/variants.slow",
  "core/serve/damaged-export.slow",
  "lab/ablation/statistics.slow",
  "lab/ablation/processes.slow",
  "core/bridge/suggested.slow",
  "lab/gates/importance.slow",
  "lab/ablation/skewed.slow",
  "parity/parity.slow",
  "faults/killed.slow",
  "faults/interrupted.slow",
  "faults/fuzz/notebook.slow",
  "faults/disk.slow",
  "faults/wide.slow",
  "faults/fuzz/saved.slow",
  "lab/render/contact-sheet.slow",
  "lab/render/browser.slow",
  "core/config/limits.slow",
  "kernel/notebook/page-browser.slow",
  "kernel/notebook/measured.slow",
  "kernel/notebook/run-notebook.slow",
  "kernel/notebook/hostile-page.slow",
  "lab/report/browser.slow",
  "lab/render/hostile-names.slow",
  "kernel/notebook/hostile-notebook.slow",
];

const files = [...longest, ...longestTogether].map((name) => path.join(root, "test", `${name}.test.ts`));

/**
 * Files that share a process come last: vitest ends the process if the next file in the queue has one of its own. They
 * are also the shorter ones.
 */
export class LongestFirst extends BaseSequencer {
  /** @param {import("vitest/node").TestSpecification[]} specifications */
  async sort(specifications) {
    const projects = [...new Set(specifications.map(({ project }) => project))];
    const place = ({ moduleId, project }) => {
      const at = files.indexOf(path.normalize(moduleId));
      const later = project.config.isolate ? 0 : 1 + projects.indexOf(project);
      return later * (files.length + 1) + (at < 0 ? files.length : at);
    };
    return (await super.sort(specifications)).sort((a, b) => place(a) - place(b));
  }
}
