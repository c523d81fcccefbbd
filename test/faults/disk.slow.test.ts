/** A full disk and a read-only one, for real: small file systems in memory, mounted for one child process. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mainFile, type Outcome, writeProject } from "../kernel/cli/command.js";

/** Linux, where a process may have a view of its own of the file systems. */
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-disk-"));
  await writeProject(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a shell script with `disk` as a file system of so many kB; `$pepnet` is the command, `$train` trains there. */
function withDisk(kilobytes: number, script: string): Promise<Outcome> {
  const disk = path.join(folder, "disk");
  const train = `"${process.execPath}" "${mainFile}" train --config pipeline.config --save-steps 50 --out disk/run`;
  const lines = [
    `mkdir -p "${disk}" && mount -t tmpfs -o size=${kilobytes}k tmpfs "${disk}"`,
    `pepnet='"${process.execPath}" "${mainFile}"'; train='${train}'`,
    script,
  ];
  return new Promise((resolve) => {
    execFile("unshare", ["-rm", "sh", "-c", lines.join("\n")], { cwd: folder }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe.skipIf(!canMount)("a training", () => {
  it("on a full disk says so, keeps what was there, and goes on once there is space", async () => {
    const { out, err, code } = await withDisk(
      4000,
      `eval "$train" --edit "'"'{"train_config.num_epochs": 1}'"'" >/dev/null || exit 11
       dd if=/dev/zero of=disk/filler bs=1k >/dev/null 2>&1; truncate -s -20k disk/filler
       eval "$train" --resume >/dev/null; echo "full: $?"
       eval "$pepnet" eval --run disk/run --data test.parquet >/dev/null && echo "still whole"
       ls disk/run
       rm disk/filler
       eval "$train" --resume >/dev/null && cp disk/run/weights.safetensors resumed.safetensors
       rm -r disk/run && eval "$train" >/dev/null && cp disk/run/weights.safetensors straight.safetensors`,
    );
    expect(code, err).toBe(0);
    expect(out).toContain("full: 1\nstill whole\n");
    expect(out).not.toMatch(/writing|replaced|lock/);
    expect(err).toMatch(/note: the checkpoint of step 250 is missing: .*checkpoint-250: cannot save there/);
    expect(err).toMatch(
      /✗ .*checkpoint-400: cannot save there.*previous content is unchanged\n.*ENOSPC[\s\S]*free space on that disk/,
    );
    const bytes = (name: string) => readFile(path.join(folder, `${name}.safetensors`));
    expect((await bytes("resumed")).equals(await bytes("straight"))).toBe(true);
  });

  it("into a read-only folder is refused before it begins", async () => {
    const { err, out } = await withDisk(
      1000,
      `mkdir disk/run && mount -o remount,ro disk
       eval "$train"; echo "code $?"`,
    );
    expect(out).toBe("code 1\n");
    expect(err).toMatch(/disk.run: cannot write in this folder; nothing was trained\n.*EROFS/);
  });
});
