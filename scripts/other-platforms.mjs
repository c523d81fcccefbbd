// Binaries of other platforms in packages that bring those of every platform, which npm cannot leave out: about 270 MB.
// `npm start` removes them from a clone, and `preinstall.mjs` where the package is installed.
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

const platforms = ["aix", "android", "darwin", "freebsd", "linux", "win32"];

/** Their folders by platform and architecture. */
const places = { "onnxruntime-node": "bin/napi-v6", zeromq: "build" };

/**
 * Removes them, unless this platform has none of its own there.
 *
 * @param {(name: string) => string | null} folderOf the folder of a package; `null`: it stays as it is
 */
export function removeOtherPlatforms(folderOf) {
  for (const [name, place] of Object.entries(places)) {
    const folder = folderOf(name);
    if (folder === null || !existsSync(path.join(folder, place, process.platform, process.arch))) continue;
    for (const platform of platforms) {
      const binaries = path.join(folder, place, platform);
      for (const arch of existsSync(binaries) ? readdirSync(binaries) : []) {
        if (platform === process.platform && arch === process.arch) continue;
        rmSync(path.join(binaries, arch), { recursive: true, force: true });
      }
    }
  }
}
