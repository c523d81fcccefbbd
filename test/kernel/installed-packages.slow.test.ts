/** Packages and files that appear beside the notebook while its kernel runs. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
  await talk.run("const kept = { answer: 42 };");
});
afterAll(() => talk.end());

/** As `npm install` does: a folder of files, of which the first is of no package. */
function install(name: string, value: string): void {
  const modules = path.join(talk.folder, "node_modules");
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  writeFileSync(path.join(modules, ".package-lock.json"), JSON.stringify({ installed: name }));
  const folder = path.join(modules, name);
  mkdirSync(path.join(folder, "lib"), { recursive: true });
  writeFileSync(path.join(folder, "lib", "index.js"), `exports.value = ${JSON.stringify(value)};\n`);
  writeFileSync(path.join(folder, "lib", "index.d.ts"), "export declare const value: string;\n");
  const manifest = { name, version: "1.0.0", main: "lib/index.js", types: "lib/index.d.ts" };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
}

describe("a kernel whose folder's packages change", () => {
  it("goes on: cells, completion and inspection, and no variable is lost", async () => {
    await talk.run('import "not-there-yet";');
    for (let round = 0; round < 30; round++) {
      install(`package-${round}`, `value ${round}`);
      expect((await talk.run("kept.answer")).text).toBe("42");
    }
    rmSync(path.join(talk.folder, "node_modules"), { recursive: true });
    const { reply } = await talk.send("complete_request", { code: "kept.ans", cursor_pos: 8 });
    expect(reply.matches).toEqual(["answer"]);
    const inspected = await talk.send("inspect_request", { code: "kept", cursor_pos: 2 });
    expect(inspected.reply.data["text/plain"]).toContain("answer: number");
    expect((await talk.run("kept.answer")).text).toBe("42");
  });

  it("imports what was installed after an import of it had failed", async () => {
    expect((await talk.run('import { value as first } from "installed-late";\nfirst')).reply.status).toBe("error");
    install("installed-late", "there");
    expect((await talk.run('import { value as first } from "installed-late";\nfirst')).text).toBe("'there'");
    expect((await talk.run("[first, kept.answer]")).text).toBe("[ 'there', 42 ]");
  });

  it("imports a file that was written after an import of it had failed", async () => {
    for (const name of ["one", "two", "three"]) {
      expect((await talk.run(`import { ${name} } from "./${name}";`)).traceback).toContain(`'./${name}'`);
      writeFileSync(path.join(talk.folder, `${name}.ts`), `export const ${name}: string = "${name} is here";\n`);
      expect((await talk.run(`import { ${name} } from "./${name}";\n${name}`)).text).toBe(`'${name} is here'`);
    }
    expect((await talk.run("kept.answer")).text).toBe("42");
  });
});

describe("a kernel whose folder is moved away and comes back", () => {
  it("runs the cells meanwhile and afterwards", async () => {
    renameSync(talk.folder, `${talk.folder}-moved`);
    expect((await talk.run("kept.answer + 1")).text).toBe("43");
    renameSync(`${talk.folder}-moved`, talk.folder);
    expect((await talk.run('import { one as again } from "./one";\nagain + kept.answer')).text).toBe("'one is here42'");
  });
});
