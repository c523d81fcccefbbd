/** Removes binaries for other platforms: onnxruntime-node and zeromq bring those of every platform. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { packageFolderIn } from "../util/files/package-version.js";

export interface ForeignBinaries {
  readonly package: string;
  readonly platform: string;
  readonly folder: string;
  readonly bytes: number;
}

const places: readonly (readonly [string, string])[] = [
  ["onnxruntime-node", "bin/napi-v6"],
  ["zeromq", "build"],
];
const platformNames = ["aix", "android", "darwin", "freebsd", "linux", "win32"];

export function foreignBinaries(from: string = __dirname): ForeignBinaries[] {
  return places.flatMap(([name, place]) => {
    const root = packageFolderIn(from, name);
    if (root === null) return [];
    const all = path.join(root, place);
    if (!existsSync(all)) return [];
    return readdirSync(all)
      .filter((platform) => platformNames.includes(platform))
      .flatMap((platform) => readdirSync(path.join(all, platform)).map((arch) => [platform, arch] as const))
      .filter(([platform, arch]) => platform !== process.platform || arch !== process.arch)
      .map(([platform, arch]) => {
        const folder = path.join(all, platform, arch);
        return { package: name, platform: `${platform} ${arch}`, folder, bytes: bytesBelow(folder) };
      });
  });
}

export function removeForeignBinaries(from: string = __dirname): ForeignBinaries[] {
  const all = foreignBinaries(from);
  for (const { folder } of all) rmSync(folder, { recursive: true, force: true });
  return all;
}

export function totalBytes(all: readonly ForeignBinaries[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true }).map((name) => statSync(path.join(folder, String(name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
