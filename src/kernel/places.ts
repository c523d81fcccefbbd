import os from "node:os";
import path from "node:path";
import { NotebookError } from "../errors/index.js";

/** Where to install: one of these; by default the user's Jupyter folder. */
export interface InstallPlace {
  /** In the user's Jupyter folder (the default). */
  readonly user?: boolean;
  /** In `<prefix>/share/jupyter`, like `jupyter … --prefix`. */
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  /** A Jupyter data folder, such as one in JUPYTER_PATH. */
  readonly dataDir?: string;
  /** The kernel's name; default `pepnet`. */
  readonly name?: string;
}

/** The Jupyter data folder of a place. Throws a NotebookError if no environment is active. */
export function dataFolder(place: InstallPlace): string {
  if (place.dataDir !== undefined) return path.resolve(place.dataDir);
  if (place.prefix !== undefined) return path.resolve(place.prefix, "share", "jupyter");
  if (place.sysPrefix) return path.join(activeEnvironment(), "share", "jupyter");
  return userDataFolder();
}

export function environmentFolder(place: InstallPlace): string | null {
  if (place.dataDir !== undefined) return null;
  if (place.prefix !== undefined) return path.resolve(place.prefix);
  return place.sysPrefix ? activeEnvironment() : null;
}

export function activeEnvironments(): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  return [VIRTUAL_ENV, CONDA_PREFIX].filter((folder) => folder !== undefined && folder !== "") as string[];
}

/** The data folders that Jupyter searches, first to last, as far as they can be found without Python. */
export function dataPath(): string[] {
  const listed = (process.env["JUPYTER_PATH"] ?? "").split(path.delimiter).filter(Boolean);
  const environmentFolders = activeEnvironments().map((folder) => path.join(folder, "share", "jupyter"));
  // As in jupyter_core: inside an environment, its folder comes before the user's.
  return [...listed.map((folder) => path.resolve(folder)), ...environmentFolders, userDataFolder()];
}

function activeEnvironment(): string {
  const [environment] = activeEnvironments();
  if (environment !== undefined) return environment;
  throw new NotebookError({
    path: "sysPrefix",
    message: "no Python environment is active in this shell",
    received: "neither VIRTUAL_ENV nor CONDA_PREFIX is set",
    expected: "an activated environment",
    fix: "activate it first, or set `prefix` to its folder",
  });
}

/** Like jupyter_core's `jupyter_data_dir`. */
function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return path.resolve(JUPYTER_DATA_DIR);
  if (process.platform === "darwin") return path.join(os.homedir(), "Library", "Jupyter");
  if (process.platform === "win32")
    return path.join(APPDATA ?? path.join(os.homedir(), "AppData", "Roaming"), "jupyter");
  return path.join(XDG_DATA_HOME || path.join(os.homedir(), ".local", "share"), "jupyter");
}
