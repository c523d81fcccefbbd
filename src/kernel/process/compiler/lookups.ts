/**
 * Retries imports of modules that were not found. TypeScript watches the folders in which they may appear, but a cell
 * that runs right after `npm install` may be compiled before the watcher reports them.
 */
import type * as ts from "@tslab/typescript-for-tslab";

/** TypeScript's error codes for a missing module and for missing types of a module. */
const missingModule = new Set([2307, 2306, 2792, 7016]);

/** Whether one of these diagnostics may be out of date. */
export function isMissingModule(diagnostics: readonly { readonly code: number }[]): boolean {
  return diagnostics.some(({ code }) => missingModule.has(code));
}

/** The watched folders of one program. */
export class Lookups {
  readonly #folders = new Map<ts.DirectoryWatcherCallback, string>();

  /** Records every folder that the program watches from now on. */
  follow(host: Pick<ts.WatchHost, "watchDirectory">): void {
    const { watchDirectory } = host;
    host.watchDirectory = (folder, changed, ...rest) => {
      const watcher = watchDirectory(folder, changed, ...rest);
      this.#folders.set(changed, folder);
      return {
        close: () => {
          this.#folders.delete(changed);
          watcher.close();
        },
      };
    };
  }

  /** Marks all folders as changed, so that the next rebuild resolves missing modules again. */
  lookAgain(): void {
    for (const [changed, folder] of [...this.#folders]) changed(folder);
  }
}
