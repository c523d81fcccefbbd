/**
 * Modules that were looked for and not found. TypeScript watches the folders in which they may appear; a cell that runs
 * right after `npm install` may be compiled before it hears of them, so a failed import is looked for once more.
 */
import type * as ts from "@tslab/typescript-for-tslab";

/** TypeScript's codes for a module, and for its types, that cannot be found. */
const missingModule = new Set([2307, 2306, 2792, 7016]);

/** Whether one of these complaints may be out of date. */
export function isMissingModule(diagnostics: readonly { readonly code: number }[]): boolean {
  return diagnostics.some(({ code }) => missingModule.has(code));
}

/** The watched folders of one program. */
export class Lookups {
  readonly #folders = new Map<ts.DirectoryWatcherCallback, string>();

  /** Notes every folder that the program watches from now on. */
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

  /** Lets the program take all folders for changed: with the next rebuild it looks for missing modules again. */
  lookAgain(): void {
    for (const [changed, folder] of [...this.#folders]) changed(folder);
  }
}
