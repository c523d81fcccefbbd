/** A metric on the validation rows at every evaluation during training. */

import type { LearningCurves, TaskLearningCurves } from "../../metrics/index.js";
import { count } from "../../util/text/format.js";
import { snakeCase } from "../../util/text/snake-case.js";
import { domainColumns, taskColumns } from "../evaluation/index.js";
import { capital, metricText, namesByDomain } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row {
  readonly step: number;
  readonly epoch: number | undefined;
  readonly task: TaskLearningCurves;
  readonly domain: number;
  readonly value: number | null | undefined;
}

/** One row per evaluation, task and domain. */
export function learningCurvesSheet({ steps, epochs, tasks, metric, domainNames }: LearningCurves): Sheet {
  const { name } = metricText(metric);
  return makeSheet<Row>(
    `${capital(name)} by task and domain at ${count(steps.length, "evaluation")}`,
    [
      { key: "step", heading: "step", kind: "count", value: ({ step }) => step },
      { key: "epoch", heading: "epoch", kind: "number", digits: 3, value: ({ epoch }) => epoch },
      ...taskColumns<Row>(),
      ...domainColumns<Row>(namesByDomain(domainNames, tasks)),
      { key: snakeCase(metric), heading: name, kind: "number", digits: 4, value: ({ value }) => value },
    ],
    steps.flatMap((step, at) =>
      tasks.flatMap((task) =>
        [task.overall, ...task.domains].map((values, index) => {
          return { step, epoch: epochs[at], task, domain: index - 1, value: values[at] };
        }),
      ),
    ),
  );
}
