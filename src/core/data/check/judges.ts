/** All judges of rows before a training. A new judge is an entry of one of these lists. */
import type { Finding } from "../../errors/finding.js";
import { countJudges } from "./count-judges.js";
import type { DataFacts, DataJudge } from "./facts.js";
import { featureJudges } from "./feature-judges.js";
import { trainingJudges } from "./training-judges.js";

export const dataJudges: readonly DataJudge[] = [...countJudges, ...featureJudges, ...trainingJudges];

/** Everything that the judges see. */
export async function judgedData(facts: DataFacts): Promise<Finding[]> {
  const findings = dataJudges.map(async ({ name, severity, find }) => {
    return (await find(facts)).map((each): Finding => ({ severity, ...each, judge: name }));
  });
  return (await Promise.all(findings)).flat();
}
