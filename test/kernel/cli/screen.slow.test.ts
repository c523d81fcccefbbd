/** The commands at a terminal: a progress bar and tables for people; the same commands in a pipe print lines. */

import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ProgressBar } from "../../../src/kernel/cli/log.js";
import { python } from "../python.js";
import { mainFile, pepnetIn, writeProject } from "./command.js";

/** Runs a command in a pseudo terminal of a width, and returns all bytes that it wrote there. */
const PTY = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
while True:
    try: part = os.read(fd, 65536)
    except OSError: break
    if not part: break
    os.write(1, part)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-screen-"));
  await writeProject(folder, 6400); // long enough for some frames of a bar
  await pepnetIn(folder, "train", "--config", "pipeline.config", "--out", "run");
});
afterAll(() => rm(folder, { recursive: true }));

interface Screen {
  readonly code: number;
  readonly raw: string;
  /** What a person sees at the end: erased lines are gone, colours too. */
  readonly text: string;
}

function atTerminal(columns: number, environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Screen> {
  const env = { ...withoutColourSettings(process.env), TERM: "xterm-256color", ...environment };
  return new Promise((resolve) => {
    execFile(
      python as string,
      ["-c", PTY, String(columns), process.execPath, mainFile, ...args],
      { cwd: folder, env, maxBuffer: 1e8 },
      (error, raw) => {
        const lines = raw.replaceAll("\r\n", "\n").split("\n");
        const text = lines.map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf(eraser) + 1)));
        resolve({ code: error ? Number(error.code) : 0, raw, text: text.join("\n").trim() });
      },
    );
  });
}

/** A person's terminal: Node prints without colours where one of these says so, also in most CI services. */
function withoutColourSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI", "TEAMCITY_VERSION", "TMUX", "COLORTERM"];
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !settings.includes(name)));
}

const eraser = "\r\u001b[2K";
const color = new RegExp(`${"\u001b"}\\[\\d+m`);
const train = (out: string): string[] => ["train", "--config", "pipeline.config", "--out", out, "--overwrite"];
const evaluate = ["eval", "--run", "run", "--data", "test.parquet"];

it("eval on the rows that the run was trained on says so, whatever the file is called", async () => {
  await copyFile(path.join(folder, "train.parquet"), path.join(folder, "other.parquet"));
  const note = /^note: these are the rows that the run was trained on/m;
  const seen = await pepnetIn(folder, "eval", "--run", "run", "--data", "other.parquet", "--no-intervals");
  expect(seen.err).toMatch(note);
  const others = await pepnetIn(folder, ...evaluate);
  expect(others.err).not.toMatch(note);
});

describe.skipIf(python === null)("at a terminal", () => {
  it("train updates one line with share, speed, remaining time and loss, then prints the table by task and domain", async () => {
    const { code, raw, text } = await atTerminal(130, {}, ...train("screen"));
    expect(code, raw).toBe(0);
    const frames = raw.split(eraser).map((frame) => stripVTControlCharacters(frame.split("\r\n")[0]!));
    const bars = frames.filter((frame) => frame.startsWith("training "));
    expect(bars.length).toBeGreaterThan(3);
    for (const bar of bars) {
      expect(bar).toMatch(
        /^training [━─]{30}\s+[<>]?\d+%(?: {2}\d[\w .]* left)? {2}[\d,]+ rows\/s {2}loss \d\.\d{4} {2}step \d+ of 800$/,
      );
    }
    // Nothing of the bar stays, and no line for scripts is printed.
    expect(text).not.toMatch(/training ━|^step |^metric /m);
    expect(text).toMatch(
      /^epoch 1: click AUC 0\.\d{4}, like AUC 0\.\d{4}\nAfter step 800: 500 rows; pepnet eval adds intervals\ntask +domain +rows/m,
    );
    expect(text).toMatch(/^like \(within clk\) +search page +\d+/m);
    expect(text.split("\n").at(-1)).toBe("saved step=800 total_steps=800 path=screen");
  });

  it("a narrow terminal has a shorter bar, and tables with all columns, folded", async () => {
    const { raw, text } = await atTerminal(50, {}, ...train("narrow"));
    const widths = raw
      .replaceAll(eraser, "\n")
      .split(/\r?\n/)
      .map((line) => stripVTControlCharacters(line))
      .filter((line) => line.startsWith("training "))
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThan(50);
    expect(text).toMatch(/^task +domain .*log loss/m);
    expect(text.match(/^like \(within clk\) +search page/gm)!.length).toBeGreaterThan(1);
    expect(
      Math.max(...text.split("\n").flatMap((line) => (line.startsWith("like") ? [line.length] : []))),
    ).toBeLessThan(52);
  });

  it("eval prints each AUC with its interval, and how the intervals were made", async () => {
    const { text } = await atTerminal(140, {}, ...evaluate);
    expect(text).toMatch(/^Evaluation: 500 rows; 95% intervals of 300 draws of rows\ntask +domain .* AUC +low +high/);
    const [, auc, low, high] = /^click +all rows +500 +\S+ +(0\.\d{4}) +(0\.\d{4}) +(0\.\d{4})/m
      .exec(text)!
      .map(Number);
    expect(low).toBeLessThan(auc!);
    expect(high).toBeGreaterThan(auc!);
  });

  it("ablate shows the runs in one line, then the conclusions and the table of variants", async () => {
    const vary = ["--config", "pipeline.config", "--train", "test.parquet", "--vary", "epnet.gamma=1"];
    const { raw, text } = await atTerminal(120, {}, "ablate", ...vary, "--seeds", "2", "--no-cache");
    expect(raw).toMatch(/runs .*4 of 4/);
    expect(text).not.toMatch(/^(?:run|difference) /m);
    expect(text).toMatch(/^epnet.gamma 1 .*click AUC/m);
    expect(text).toMatch(/^variant +task +metric +verdict/m);
  });

  it("an error has a red mark; NO_COLOR, FORCE_COLOR=0 and a dumb terminal have no colours", async () => {
    const wrong = ["eval", "--run", "missing", "--data", "test.parquet"];
    expect((await atTerminal(80, {}, ...wrong)).raw).toContain("\u001b[31m✗\u001b[39m /");
    for (const plain of [{ NO_COLOR: "1" }, { FORCE_COLOR: "0" }, { TERM: "dumb" }]) {
      for (const command of [wrong, evaluate]) expect((await atTerminal(80, plain, ...command)).raw).not.toMatch(color);
    }
    expect((await atTerminal(80, {}, ...evaluate)).raw).toMatch(color);
  });

  it("--json and a terminal that cannot redraw get lines", async () => {
    const json = await atTerminal(80, {}, ...evaluate, "--json");
    expect(json.text.split("\n").map((line) => JSON.parse(line).event)).toContain("metric");
    expect((await atTerminal(80, { TERM: "dumb" }, ...evaluate)).text).toMatch(/^intervals level=0.95/);
  });
});

describe("a progress bar", () => {
  afterEach(() => vi.restoreAllMocks());

  it("names the remaining time after a second, by the speed until then", () => {
    let now = 0;
    const lines: string[] = [];
    vi.spyOn(performance, "now").mockImplementation(() => now);
    vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
    const bar = new ProgressBar("training");
    for (now of [200, 900, 2000, 10_000]) bar.update(now / 100, 100, ["9 rows/s"]);
    bar.end();
    const drawn = lines.filter((line) => line !== eraser);
    expect(drawn.map((line) => /\d+ s left/.exec(line)?.[0])).toEqual([undefined, undefined, "8 s left", undefined]);
  });
});

describe("in a pipe", () => {
  it("eval prints a line by task and domain with the ends of every interval, and how they were made", async () => {
    const { out, err, code } = await pepnetIn(folder, ...evaluate);
    expect([code, err]).toEqual([0, ""]);
    const [method, first, ...others] = out.trimEnd().split("\n");
    expect(method).toBe("intervals level=0.95 draws=300 seed=1 user=null sampled_rows=null");
    expect(first).toMatch(
      /^metric task=click domain=all .* auc=\S+ .* auc_low=0\.\d+ auc_high=0\.\d+ .*log_loss_high=/,
    );
    expect(others.every((line) => line.startsWith("metric "))).toBe(true);
    expect((await pepnetIn(folder, ...evaluate, "--no-intervals")).out).not.toMatch(/_low=|^intervals/m);
  });

  it("--user draws whole users, and FORCE_COLOR colours what people read, never the lines", async () => {
    const byUser = await pepnetIn(folder, ...evaluate, "--user", "user", "--json");
    expect(JSON.parse(byUser.out.split("\n")[0]!)).toMatchObject({ event: "intervals", user: "user" });
    const forced = await new Promise<string[]>((resolve) => {
      const env = { ...process.env, FORCE_COLOR: "1" };
      execFile(
        process.execPath,
        [mainFile, "eval", "--run", "run", "--data", "x.parquet"],
        { cwd: folder, env },
        (_, ...texts) => resolve(texts),
      );
    });
    expect(forced[1]).toMatch(color);
    const { out } = await pepnetIn(folder, ...evaluate);
    expect(out).not.toMatch(color);
  });
});
