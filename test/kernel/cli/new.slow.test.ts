/** `pepnet new` and `pepnet doctor` from a shell. */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { pepnetIn } from "./command.js";

const root = path.resolve(__dirname, "../../..");
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "pepnet-new-")));
const typescript = path.join(root, "node_modules/typescript/bin/tsc");
const run = promisify(execFile);

const firstCell = (project: string): string => {
  const { cells } = JSON.parse(readFileSync(path.join(folder, project, "first.ipynb"), "utf8"));
  return cells[1].source.join("");
};

describe("pepnet new", () => {
  test("a project whose data check clean, whose program compiles, and whose notebook runs", async () => {
    const made = await pepnetIn(folder, "new", "my project");
    expect([made.code, made.err]).toEqual([0, ""]);
    expect(made.out).toContain("npx pepnet notebook run first.ipynb");
    const project = path.join(folder, "my project");
    await run(process.execPath, [typescript, "-p", project]);
    const command = path.join(project, "node_modules/.bin/pepnet");
    const checked = await run(command, ["data", "check", "data/log.parquet", "--config", "configs/model.config"], {
      cwd: project,
    });
    expect(checked.stdout).toMatch(/: 0 errors/);
    await run(command, ["notebook", "run", "first.ipynb"], { cwd: project });
    const { cells } = JSON.parse(readFileSync(path.join(project, "first.ipynb"), "utf8"));
    const last = cells.filter((cell: { cell_type: string }) => cell.cell_type === "code").at(-1);
    expect(last.source.join("")).toBe('await run.save("runs/first");');
    expect(last.outputs.filter((output: { output_type: string }) => output.output_type === "error")).toEqual([]);
  });

  test("your file is opened where it is, with a model of its columns", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, row) => `${row % 50},${row % 2 === 0 ? "feed" : "search"},${row % 3 === 0 ? 1 : 0},${1_700_000_000 + row}`,
    );
    writeFileSync(path.join(folder, "log.csv"), ["user,scene,click,ts", ...lines].join("\n"));
    const roles = ["--labels", "click", "--domain", "scene", "--user", "user", "--time", "ts"];
    const made = await pepnetIn(folder, "new", "mine", "--data", "log.csv", ...roles);
    expect([made.code, made.err]).toEqual([0, ""]);
    const program = readFileSync(path.join(folder, "mine/train.ts"), "utf8");
    expect(program).toContain('await dataset("../log.csv", { user: "user", time: "ts" })');
    expect(program).toContain('.domains("scene", ["feed", "search"])');
    expect(program).not.toContain('"ts")'); // a time is no feature
    expect(firstCell("mine")).toContain('await data.describe({ labels: ["click"], domain: "scene" });');
  });

  test("a mistake in an option leaves nothing behind, and the corrected command works", async () => {
    writeFileSync(path.join(folder, "my $log's.csv"), `item,click\n${"1,0\n2,1\n3,0\n2,1\n".repeat(40)}`);
    const begin = ["new", "typo", "--data", "my $log's.csv", "--labels"];
    const wrong = await pepnetIn(folder, ...begin, "clik");
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/did you mean "click"/);
    expect(existsSync(path.join(folder, "typo"))).toBe(false);
    expect((await pepnetIn(folder, ...begin, "click")).code).toBe(0);

    const project = path.join(folder, "typo");
    const checked = await run("npm", ["run", "check"], { cwd: project });
    expect(checked.stdout).toMatch(/160 rows.*: no problems/);
  });

  test("an empty folder that was there stays", async () => {
    mkdirSync(path.join(folder, "empty"));
    const wrong = await pepnetIn(folder, "new", "empty", "--data", "log.csv", "--labels", "nothing");
    expect(wrong.code).toBe(1);
    expect(readdirSync(path.join(folder, "empty"))).toEqual([]);
  });

  test("a label of words becomes a rule, and its notebook runs", async () => {
    const lines = Array.from({ length: 400 }, (_, row) => `${row % 20},${row % 13 < 5 ? ">50K" : "<=50K"}`);
    writeFileSync(path.join(folder, "income.csv"), ["age,income", ...lines].join("\n"));
    expect((await pepnetIn(folder, "new", "words", "--data", "income.csv", "--labels", "income")).code).toBe(0);
    expect(firstCell("words")).toContain("await data.describe();");
    const project = path.join(folder, "words");
    await run(path.join(project, "node_modules/.bin/pepnet"), ["notebook", "run", "first.ipynb"], { cwd: project });
  });

  test("labels and roles are asked for, not guessed, by commands that work; and a folder with files is left alone", async () => {
    const unlabelled = await pepnetIn(folder, "new", "other", "--data", "log.csv");
    expect(unlabelled.code).toBe(1);
    expect(unlabelled.err).toMatch(/--labels: is missing\s+received: columns of 0 and 1: "click"/);
    const [, command = ""] = /fix: pepnet (.*), or --no-roles/.exec(unlabelled.err) ?? [];
    expect(command).toBe("new other --data log.csv --labels click --user user --time ts");
    const strangers = await pepnetIn(folder, "new", "strangers", "--data", "log.csv", "--labels", "click");
    expect(strangers.err).toMatch(
      /taken as strangers\s+received: user "user" \(50 values, 6\.0 rows each\), time "ts"/,
    );
    expect(existsSync(path.join(folder, "other"))).toBe(false);
    expect((await pepnetIn(folder, ...command.split(" "))).code).toBe(0);
    const plain = ["new", "strangers", "--data", "log.csv", "--labels", "click", "--no-roles"];
    expect((await pepnetIn(folder, ...plain)).code).toBe(0);
    const occupied = await pepnetIn(folder, "new", "mine");
    expect(occupied.code).toBe(1);
    expect(occupied.err).toMatch(/mine: the folder is not empty/);
  });
});

describe("a path that cannot be the project's", () => {
  test.each<readonly [string, string, string]>([
    ["a dangling link", "dangling", "is a link that leads nowhere"],
    ["a file", "a file", "is not a folder"],
    ["below a file", "a file/project", "cannot be created"],
    ...(process.platform === "linux" ? [["below /proc", "/proc/pepnet/project", "cannot be created"] as const] : []),
  ])("%s is refused and left alone", async (_, name, message) => {
    if (!existsSync(path.join(folder, "a file"))) {
      writeFileSync(path.join(folder, "a file"), "text");
      symlinkSync("nowhere", path.join(folder, "dangling"));
    }
    const { code, err } = await pepnetIn(folder, "new", name);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toMatch(/expected: a new or an empty folder\n.*choose another name/);
    expect(readFileSync(path.join(folder, "a file"), "utf8")).toBe("text");
    expect(readlinkSync(path.join(folder, "dangling"))).toBe("nowhere");
  });
});

describe("pepnet doctor", () => {
  test("everything works here", async () => {
    const { code, out } = await pepnetIn(folder, "doctor", "--json");
    const findings = JSON.parse(out) as { check: string; ok: boolean; found: string }[];
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["Node", "memory", "engine", "data", "pictures"]),
    );
    expect(findings.find(({ check }) => check === "engine")?.found).toBe('"compiled" trained a model');
    expect(findings.find(({ check }) => check === "pictures")?.found).toBe("charts can be drawn as PNG");
    expect(code).toBe(0);
  });
});
