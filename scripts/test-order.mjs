// The order of test files: those that take longest come first, so that both workers end at about the same time. A fresh
// clone has no times of an earlier run, by which vitest orders the others.
import path from "node:path";
import { BaseSequencer } from "vitest/node";
import { root } from "./setup.mjs";

/** Of the files with a process of their own, below `test/` and without `.test.ts`: those of 15 s and more, longest first. */
export const longest = [
  "notebooks/notebooks.slow",
  "package/package.slow",
  "kernel/node-lines.slow",
  "kernel/lab-session.slow",
  "kernel/lab.slow",
  "kernel/snapshot.slow",
  "docs/how-to.slow",
  "package/wheel.slow",
  "kernel/jupyter.slow",
  "notebooks/clients.slow",
  "kernel/stop.slow",
  "core/engine/leaks.slow",
  "lab/ablation/stopping.slow",
  "types/declarations.slow",
  "style.slow",
  "kernel/notebook/verify.slow",
  "kernel/interrupt.slow",
  "kernel/cell-programs.slow",
  "docs/reference.slow",
  "core/data/csv-order.slow",
  "types/ablate.slow",
  "types/model.slow",
  "docs/torcheasyrec.slow",
  "kernel/idle-collection.slow",
];

/** The same of those that share a process, within their group. */
export const longestTogether = [
  "core/data/look-ahead.slow",
  "lab/domains/transfer.slow",
  "lab/domains/suggest-domain.slow",
  "lab/domains/screen.slow",
  "core/train/user-evaluations.slow",
  "kernel/cli/new.slow",
  "kernel/cli/new-jupyter.slow",
  "kernel/cli/train.slow",
  "core/data/verb-order.slow",
  "lab/gates/audit.slow",
  "parity/pipelines.slow",
  "core/jit/variants.slow",
  "lab/ablation/processes.slow",
  "core/bridge/suggested.slow",
  "lab/render/contact-sheet.slow",
  "core/config/limits.slow",
  "lab/render/browser.slow",
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
