/** Installations that end in the middle, and files of others on their way. */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { examineKernel } from "../../src/kernel/doctor.js";
import { installKernel, uninstallKernel } from "../../src/kernel/install.js";
import { emptyFolder } from "./notebook/notebook-files.js";

/** Number of writes before the disk is full. */
let room = Number.POSITIVE_INFINITY;

vi.mock("../../src/core/util/write-whole.js", async (original) => {
  const actual = await original<typeof import("../../src/core/util/write-whole.js")>();
  return {
    ...actual,
    async writeFileWhole(...parameters: Parameters<typeof actual.writeFileWhole>) {
      if (room <= 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      room--;
      await actual.writeFileWhole(...parameters);
    },
  };
});

afterEach(() => {
  room = Number.POSITIVE_INFINITY;
});

function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(folder, file), readFileSync(file, "base64")]),
  );
}

function put(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** An installation of a version whose files had other contents, as its list says. */
async function earlierVersion(): Promise<string> {
  const dataDir = emptyFolder();
  await installKernel({ dataDir });
  const list = path.join(dataDir, "kernels/pepnet/pepnet-install.json");
  const { files, sha256 } = JSON.parse(readFileSync(list, "utf8"));
  const { createHash } = await import("node:crypto");
  const gone = "labextensions/pepnet-plotly/static/old.js";
  for (const name of [...Object.keys(sha256), gone].filter((each) => !each.endsWith("kernel.json"))) {
    const text = `earlier ${name}`;
    put(dataDir, name, text);
    sha256[name] = [createHash("sha256").update(text).digest("hex")];
  }
  writeFileSync(list, JSON.stringify({ files: [...files, gone], sha256 }));
  return dataDir;
}

describe("an installation that is cut short by a full disk", () => {
  const full = emptyFolder();

  for (const earlier of [false, true]) {
    it(`can be repeated and removed after each write${earlier ? " of an update" : ""}`, async () => {
      await installKernel({ dataDir: full });
      const complete = contents(full);
      const start = earlier ? await earlierVersion() : emptyFolder();
      let ends = 0;
      for (let writes = 0; ; writes++) {
        const [again, removed] = [emptyFolder(), emptyFolder()];
        for (const copy of [again, removed]) cpSync(start, copy, { recursive: true });
        room = writes;
        const failure = await installKernel({ dataDir: again }).catch((error: Error) => error);
        room = writes;
        await installKernel({ dataDir: removed }).catch(() => {});
        room = Number.POSITIVE_INFINITY;
        await installKernel({ dataDir: again });
        expect(contents(again)).toEqual(complete);
        await uninstallKernel({ dataDir: removed });
        expect(contents(removed)).toEqual({});
        if (!(failure instanceof Error)) break;
        expect(failure.message).toContain("cannot be installed there");
        ends++;
      }
      expect(ends).toBeGreaterThan(Object.keys(complete).length - (earlier ? 1 : 0) - 1);
    });
  }

  it("by a version that wrote its list last, can be repeated or removed", async () => {
    const dataDir = emptyFolder();
    await installKernel({ dataDir });
    const cut = (): void => {
      rmSync(path.join(dataDir, "kernels/pepnet/pepnet-install.json"));
      rmSync(path.join(dataDir, "labextensions"), { recursive: true });
    };
    cut();
    await installKernel({ dataDir });
    cut();
    await uninstallKernel({ dataDir });
    expect(contents(dataDir)).toEqual({});
  });
});

describe("a user's changes", () => {
  it("to kernel.json stay through an update, are nothing wrong, and do not keep the kernel", async () => {
    const dataDir = emptyFolder();
    await installKernel({ dataDir });
    const file = path.join(dataDir, "kernels/pepnet/kernel.json");
    const spec = JSON.parse(readFileSync(file, "utf8"));
    const changed = { ...spec, env: { NODE_OPTIONS: "--max-old-space-size=8192" }, metadata: { mine: 1 } };
    writeFileSync(file, JSON.stringify({ ...changed, argv: ["/gone/node", ...spec.argv.slice(1)] }));
    await installKernel({ dataDir });
    const updated = JSON.parse(readFileSync(file, "utf8"));
    expect(updated).toEqual({
      ...spec,
      env: changed.env,
      metadata: { mine: 1, debugger: false, supported_encryption: ["curve"] },
    });
    const text = JSON.stringify(updated);
    writeFileSync(file, text);
    await installKernel({ dataDir });
    expect(readFileSync(file, "utf8")).toBe(text);
    expect((await examineKernel({ dataDir })).filter(({ ok }) => !ok)).toEqual([]);
    await uninstallKernel({ dataDir });
    expect(contents(dataDir)).toEqual({});
  });

  it("to other files are kept beside the new ones, and by a removal where they are", async () => {
    const dataDir = emptyFolder();
    await installKernel({ dataDir });
    const logo = path.join(dataDir, "kernels/pepnet/logo-svg.svg");
    for (const text of ["<svg>first</svg>", "<svg>second</svg>"]) {
      writeFileSync(logo, text);
      await installKernel({ dataDir });
    }
    expect(readFileSync(`${logo}.changed`, "utf8")).toBe("<svg>first</svg>");
    expect(readFileSync(`${logo}.changed-2`, "utf8")).toBe("<svg>second</svg>");
    writeFileSync(logo, "<svg>third</svg>");
    await uninstallKernel({ dataDir });
    expect(Object.keys(contents(dataDir)).sort()).toEqual(
      ["logo-svg.svg", "logo-svg.svg.changed", "logo-svg.svg.changed-2"].map((name) => `kernels/pepnet/${name}`),
    );
  });
});

describe("files of other programs", () => {
  for (const name of [
    "kernels/pepnet/logo-svg.svg",
    "labextensions/pepnet-plotly/package.json",
    "pepnet/papermill/pepnet_papermill.py",
    "kernels/pepnet/kernel.json",
  ]) {
    it(`are not replaced: ${name}`, async () => {
      const dataDir = emptyFolder();
      const file = put(dataDir, name, '{"display_name": "another\'s"}');
      const before = contents(dataDir);
      await expect(installKernel({ dataDir })).rejects.toThrow(file);
      expect(contents(dataDir)).toEqual(before);
      expect(await uninstallKernel({ dataDir })).toEqual([]);
      rmSync(file); // the fix
      await installKernel({ dataDir });
    });
  }

  it("are not replaced where they are links or folders, or the link of papermill's translator", async () => {
    const [linked, folder, prefix] = [emptyFolder(), emptyFolder(), emptyFolder()];
    mkdirSync(path.join(linked, "kernels/pepnet"), { recursive: true });
    const link = path.join(linked, "kernels/pepnet/logo-svg.svg");
    symlinkSync("nowhere.svg", link);
    await expect(installKernel({ dataDir: linked })).rejects.toThrow("another program's file is in the way");
    mkdirSync(path.join(folder, "labextensions/pepnet-plotly/package.json"), { recursive: true });
    await expect(installKernel({ dataDir: folder })).rejects.toThrow("another program's file is in the way");
    const pth = put(prefix, "lib/python3.11/site-packages/pepnet-papermill.pth", "../another\n");
    await expect(installKernel({ prefix })).rejects.toThrow(pth);
    expect(existsSync(path.join(prefix, "share"))).toBe(false);
    rmSync(pth);
    await installKernel({ prefix });
    writeFileSync(pth, "../another\n");
    await uninstallKernel({ prefix });
    expect(readFileSync(pth, "utf8")).toBe("../another\n");
  });

  it("are not removed because the list names them", async () => {
    const { createHash } = await import("node:crypto");
    const dataDir = emptyFolder();
    await installKernel({ dataDir });
    const names = ["kernels/python3/kernel.json", "../outside.txt", "labextensions/pepnet-plotly/../other/a.js"];
    const texts = names.map((name) => put(dataDir, name, `others' ${name}`));
    const list = path.join(dataDir, "kernels/pepnet/pepnet-install.json");
    const { files, sha256 } = JSON.parse(readFileSync(list, "utf8"));
    for (const name of names) sha256[name] = [createHash("sha256").update(`others' ${name}`).digest("hex")];
    for (const content of [{ files: [...files, ...names], sha256 }, { files: [...files, ...names] }]) {
      await installKernel({ dataDir });
      writeFileSync(list, JSON.stringify(content));
      await uninstallKernel({ dataDir });
      expect(texts.filter((file) => !existsSync(file))).toEqual([]);
      expect(existsSync(path.join(dataDir, "kernels/pepnet"))).toBe(false);
    }
  });
});
