/** The log at a terminal: one progress bar while the command works, then its results as tables. */
import type { EvaluationResult, Study } from "../../api/index.js";
import { tables } from "../../api/output/index.js";
import { fixed, grouped } from "../../util/text/format.js";
import { visibleLine } from "../../util/text/visible.js";
import { fittedTable } from "./fitted-table.js";
import type { Fields, Log, TrainingPlace } from "./log.js";
import { ProgressBar } from "./progress-bar.js";
import { note, textLine } from "./script-log.js";
import { printStyled, styled } from "./styles.js";

type Evaluation = EvaluationResult["facts"];

/** Creates the log. */
export function screenLog(): Log {
  const { stdout } = process;
  let bar: ProgressBar | null = null;
  /** The last evaluation of training, whose table is due at the end. */
  let latest: { readonly evaluation: Evaluation; readonly at: TrainingPlace } | null = null;
  const end = (): void => {
    bar?.end();
    bar = null;
    if (latest !== null) printEvaluation(latest.evaluation, `After step ${grouped(latest.at.step)}`);
    latest = null;
  };
  return {
    line(event, fields) {
      end();
      printStyled(stdout, `${styled(stdout, "green", event)} ${textLine("", fields).trimStart()}`);
    },
    note,
    step({ step, totalSteps, rowsPerSecond, loss }) {
      bar ??= new ProgressBar("training");
      const speed = `${grouped(Math.round(rowsPerSecond))} rows/s`;
      bar.update(step, totalSteps, [
        speed,
        `loss ${fixed(loss, 4)}`,
        `step ${grouped(step)} of ${grouped(totalSteps)}`,
      ]);
    },
    evaluation(evaluation, at) {
      if (at === null) return printEvaluation(evaluation, null);
      if (latest !== null) printStyled(stdout, summaryLine(latest.evaluation, latest.at));
      latest = { evaluation, at };
    },
    runs({ variant, seed, done, planned }: Fields & { readonly done: number; readonly planned: number }) {
      bar ??= new ProgressBar("runs");
      bar.update(done, planned, [`${done} of ${planned}`, visibleLine(`${variant}, seed ${seed}`)]);
    },
    study: printStudy,
    end,
  };
}

/** The conclusions, then the table of variants. */
function printStudy(study: Study): void {
  const { sheetTable, studyConclusions } = tables();
  for (const text of studyConclusions(study.facts)) console.log(visibleLine(text));
  printTable(sheetTable(study.sheet()));
}

/** `epoch 1: click AUC 0.7012, like AUC 0.6511`: an evaluation that a later one follows. */
function summaryLine({ tasks }: Evaluation, { epoch }: TrainingPlace): string {
  const parts = tasks.map(({ tower, overall }) =>
    overall.auc === null ? `${tower} loss ${fixed(overall.logLoss, 4)}` : `${tower} AUC ${fixed(overall.auc, 4)}`,
  );
  return styled(process.stdout, "dim", visibleLine(`epoch ${Number(epoch.toFixed(2))}: ${parts.join(", ")}`));
}

function printEvaluation(evaluation: Evaluation, when: string | null): void {
  const { evaluationSheet, sheetTable } = tables();
  const method = evaluation.intervalMethod ?? null;
  const intervals =
    method === null
      ? when === null
        ? ""
        : "; pepnet eval adds intervals"
      : `; ${Number((method.level * 100).toFixed(3))}% intervals of ${grouped(method.draws)} draws of ${method.user === null ? "rows" : `values of ${method.user}`}`;
  const caption = `${when === null ? "Evaluation" : when}: ${grouped(evaluation.rows)} rows${intervals}`;
  printTable({ ...sheetTable(evaluationSheet(evaluation)), caption });
}

function printTable(table: Parameters<typeof fittedTable>[0]): void {
  for (const line of fittedTable(table)) printStyled(process.stdout, line);
}
