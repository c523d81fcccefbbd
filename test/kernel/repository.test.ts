/** A repository read from its files says what git says, and runs nothing that the repository names. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { hasChanges, readRepository } from "../../src/kernel/repository.js";
import { emptyFolder } from "./notebook/notebook-files.js";

interface Tree {
  readonly folder: string;
  git(...args: string[]): string;
  write(file: string, text: string): void;
}

/** A working tree with one commit. */
function tree(folder = emptyFolder()): Tree {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "protocol.file.allow=always"];
  const made: Tree = {
    folder,
    git: (...args) =>
      execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim(),
    write: (file, text) => {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    },
  };
  made.git("init", "-q", "-b", "main");
  made.write("a.txt", "one\n");
  made.git("add", ".");
  made.git("commit", "-qm", "first");
  return made;
}

const head = ({ git }: Tree): string => git("rev-parse", "HEAD");

describe("a repository that is read from its files", () => {
  it("has git's commit: on a branch, packed, detached, on a symbolic branch, from a folder below", () => {
    const here = tree();
    const { folder, git, write } = here;
    write("below/deep/b.txt", "two\n");
    const expected = { root: folder, commit: head(here) };
    expect(readRepository(path.join(folder, "below/deep"))).toEqual(expected);
    git("switch", "-qc", "feature/with/slashes");
    git("pack-refs", "--all");
    expect(existsSync(path.join(folder, ".git/refs/heads/feature/with/slashes"))).toBe(false);
    expect(readRepository(folder)).toEqual(expected);
    git("symbolic-ref", "refs/heads/alias", "refs/heads/main");
    git("symbolic-ref", "HEAD", "refs/heads/alias");
    expect(readRepository(folder)).toEqual(expected);
    git("checkout", "-q", "--detach", "main");
    expect(readRepository(folder)).toEqual(expected);
  });

  it("has git's commit in a worktree and in a submodule", () => {
    const here = tree();
    const beside = path.join(emptyFolder(), "worktree");
    here.git("worktree", "add", "-q", "-b", "other", beside);
    here.git("pack-refs", "--all");
    expect(readRepository(beside)).toEqual({ root: beside, commit: head(here) });
    const outer = tree();
    outer.git("submodule", "--quiet", "add", here.folder, "inner");
    const inner = path.join(outer.folder, "inner");
    expect(readRepository(inner)).toEqual({ root: inner, commit: head(here) });
  });

  it("has no commit before the first one, and is none without .git", () => {
    const folder = emptyFolder();
    execFileSync("git", ["init", "-q"], { cwd: folder });
    expect(readRepository(folder)).toEqual({ root: folder, commit: null });
    expect(readRepository(emptyFolder())).toBeNull();
  });

  it.each([
    ["a ref that leaves the repository", "ref: refs/../../secret\n"],
    ["a ref that is no ref", "ref: secret\n"],
    ["a ref to itself", "ref: refs/heads/loop\n"],
    ["no hash", `${"x".repeat(40)}\n`],
    ["bytes", "\0\x01\xff"],
  ])("has no commit where HEAD holds %s", (_, text) => {
    const { folder, write } = tree();
    write("secret", `${"0".repeat(40)}\n`);
    write(".git/refs/heads/loop", "ref: refs/heads/loop\n");
    write(".git/HEAD", text);
    expect(readRepository(folder)?.commit ?? null).toBeNull();
  });

  it.skipIf(process.platform === "win32")("does not wait for a pipe, nor ask another host", () => {
    const { folder, write, git } = tree();
    execFileSync("rm", [path.join(folder, ".git/HEAD")]);
    execFileSync("mkfifo", [path.join(folder, ".git/HEAD")]);
    expect(readRepository(folder)).toBeNull();
    expect(git).toThrow();
    const other = emptyFolder();
    writeFileSync(path.join(other, ".git"), `gitdir: /${folder}/.git\n`); // two slashes: a host's share on Windows
    expect(readRepository(other)).toBeNull();
    expect(write).toBeDefined();
  });
});

describe("changes of a repository", () => {
  it("are those of tracked files", async () => {
    const { folder, write, git } = tree();
    write("untracked.txt", "x");
    expect(await hasChanges(folder)).toBe(false);
    write("a.txt", "two\n");
    expect(await hasChanges(folder)).toBe(true);
    git("add", ".");
    expect(await hasChanges(folder)).toBe(true);
    git("commit", "-qm", "second");
    expect(await hasChanges(folder)).toBe(false);
  });

  it.skipIf(process.platform === "win32")("are looked for without running monitors, hooks and filters", async () => {
    const { folder, write, git } = tree();
    const mark = path.join(emptyFolder(), "ran");
    const program = path.join(folder, "program");
    write("program", `#!/bin/sh\ntouch ${mark}\ncat\n`);
    chmodSync(program, 0o755);
    write(".git/hooks/post-index-change", `#!/bin/sh\ntouch ${mark}\n`);
    chmodSync(path.join(folder, ".git/hooks/post-index-change"), 0o755);
    git("config", "core.fsmonitor", program);
    git("config", "core.hooksPath", path.join(folder, ".git/hooks"));
    write("a.txt", "two\n");
    expect(await hasChanges(folder)).toBe(true);
    expect(existsSync(mark)).toBe(false);
    write(".gitattributes", "* filter=own\n");
    write("more.config", `[filter "own"]\n\tclean = ${program}\n`);
    git("config", "include.path", path.join(folder, "more.config"));
    expect(await hasChanges(folder)).toBeNull();
    expect(existsSync(mark)).toBe(false);
  });
});
