/** Windows' paths and files, by Node's rules for that system: these tests run on every other. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fileList, placeLiteral } from "../../../src/core/data/sources/duckdb.js";
import { slashPath } from "../../../src/core/util/files/package-version.js";
import { renameWhole } from "../../../src/core/util/write-whole.js";
import { environmentCommand } from "../../../src/kernel/cli/new.js";
import { cutTyped } from "../../../src/kernel/compiler/completions.js";
import { kernelSpec } from "../../../src/kernel/kernel-spec.js";
import { shownPath } from "../../../src/kernel/opened-files.js";

const { win32, posix } = path;

describe("paths", () => {
  test("files that travel between systems have `/`", () => {
    expect(slashPath("..\\data\\log.csv", win32)).toBe("../data/log.csv");
    expect(slashPath("C:\\data\\log.csv", win32)).toBe("C:/data/log.csv");
    expect(slashPath("a\\b/c", posix)).toBe("a\\b/c"); // a backslash is a letter of a name there
  });

  test("a record names a file from the notebook, and nothing of a private path", () => {
    const shown = (file: string, repository: string | null): string =>
      shownPath(file, "C:\\work\\book", repository, win32);
    expect(shown("C:\\work\\data\\log.csv", "C:\\work")).toBe("../data/log.csv");
    expect(shown("C:\\work\\book\\log.csv", null)).toBe("log.csv");
    expect(shown("C:\\Users\\ann\\private\\log.csv", "C:\\work")).toBe("private/log.csv");
    expect(shown("D:\\private\\log.csv", "C:\\work")).toBe("private/log.csv"); // another drive
  });

  test("Tab in a string continues a folder that ends in a slash or an escaped backslash", () => {
    expect(cutTyped("data\\\\lo", win32)).toEqual({ folder: "data\\\\", begin: "lo" });
    expect(cutTyped("C:\\\\data/lo", win32)).toEqual({ folder: "C:\\\\data/", begin: "lo" });
    expect(cutTyped("lo", win32)).toEqual({ folder: "", begin: "lo" });
    expect(cutTyped("a\\\\b/lo", posix)).toEqual({ folder: "a\\\\b/", begin: "lo" });
  });

  test("DuckDB finds files on a drive, and patterns have no backslash, which would be an escape", () => {
    expect(placeLiteral("C:\\data\\log.parquet", win32)).toBe("'C:\\data\\log.parquet'");
    expect(placeLiteral("C:\\data\\*.parquet", win32)).toBe("'C:/data/*.parquet'");
    expect(placeLiteral("logs\\a?.csv", win32)).toBe("'logs/a?.csv'");
    expect(fileList(["C:\\data [1]\\log.csv"], win32)).toBe("['C:/data [[]1]/log.csv']");
    expect(placeLiteral("~notes.csv", win32)).toBe("'./~notes.csv'");
    expect(placeLiteral("s3:log.csv", posix)).toBe("'./s3:log.csv'");
  });

  test("a project's Jupyter is where its Python environment has commands", () => {
    expect(environmentCommand(".venv", "jupyter", "win32")).toBe(".venv\\Scripts\\jupyter.exe");
    expect(environmentCommand(".venv", "jupyter", "darwin")).toBe(".venv/bin/jupyter");
  });
});

test("Jupyter interrupts by a message on Windows, where a signal would end the kernel", () => {
  expect(kernelSpec("win32")).toMatchObject({ interrupt_mode: "message" });
  expect(kernelSpec("darwin")).toMatchObject({ interrupt_mode: "signal" });
});

describe("a rename", () => {
  /** Fails some times with a code, then succeeds. */
  function heldFor(
    attempts: number,
    code: string,
  ): { readonly move: () => Promise<void>; readonly calls: () => number } {
    let calls = 0;
    const move = async (): Promise<void> => {
      calls++;
      if (calls <= attempts) throw Object.assign(new Error(code), { code });
    };
    return { move, calls: () => calls };
  }

  test.each(["EPERM", "EACCES", "EBUSY"])(
    "is repeated on Windows while another program holds the file: %s",
    async (code) => {
      const { move, calls } = heldFor(3, code);
      await renameWhole("a", "b", { move, platform: "win32" });
      expect(calls()).toBe(4);
    },
  );

  test("that can never succeed ends with its error, on Windows after a second", async () => {
    const held = heldFor(Number.POSITIVE_INFINITY, "EPERM");
    await expect(renameWhole("a", "b", { move: held.move, platform: "win32" })).rejects.toThrow("EPERM");
    expect(held.calls()).toBe(8);
  });

  test.each([
    ["of another kind", "ENOENT", "win32"],
    ["on another system", "EPERM", "linux"],
  ] as const)("fails at once with an error %s", async (_, code, platform) => {
    const { move, calls } = heldFor(1, code);
    await expect(renameWhole("a", "b", { move, platform })).rejects.toThrow(code);
    expect(calls()).toBe(1);
  });
});
