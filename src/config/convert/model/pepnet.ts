/**
 * Converts `PEPNet` to EPNet, PPNet, domains and towers of a spec, and back.
 */
import type { Problem } from "../../../errors/index.js";
import type { DomainsSpec, ModelSpec } from "../../../spec/index.js";
import type { JsonObject } from "../../../util/json.js";
import { stringLiteral } from "../../../util/text/code-text.js";
import { compact, type Fields } from "../fields.js";
import { readTower, writeTower } from "./towers.js";

/** The parts of a spec from `model_config.pepnet`. */
export type PepnetPart = Pick<ModelSpec, "epnet" | "ppnet" | "domains" | "towers">;

const path = "model_config.pepnet";

/** Converts the message; domain names are not part of TorchEasyRec and come from the notes. */
export function readPepnet(pepnet: Fields, domainNames: readonly string[] | null, problems: Problem[]): PepnetPart {
  return {
    epnet: { hidden: pepnet.optionalNumber("epnet_hidden_unit"), gamma: pepnet.number("epnet_gamma") },
    ppnet: {
      hidden: pepnet.numbers("ppnet_hidden_units"),
      activation: pepnet.text("ppnet_activation"),
      dropout: pepnet.numbers("ppnet_dropout_ratio"),
      gamma: pepnet.number("ppnet_gamma"),
    },
    domains: readDomains(pepnet, domainNames, problems),
    towers: pepnet
      .items("task_towers")
      .map((tower, index) => readTower(tower, `${path}.task_towers[${index}]`, problems)),
  };
}

/** Returns the message of a spec. */
export function writePepnet({ epnet, ppnet, domains, towers }: PepnetPart): JsonObject {
  const implied = {
    epnet_gamma: epnet.gamma,
    ppnet_hidden_units: ppnet.hidden,
    ppnet_activation: ppnet.activation,
    ppnet_dropout_ratio: ppnet.dropout,
    ppnet_gamma: ppnet.gamma,
  };
  const explicit = {
    epnet_hidden_unit: epnet.hidden,
    domain_input_name: domains?.column,
    task_domain_num: domains?.count,
    task_towers: towers.map(writeTower),
  };
  return compact("PEPNet", implied, explicit);
}

/** The domain column and the number of domains require each other. */
function readDomains(pepnet: Fields, names: readonly string[] | null, problems: Problem[]): DomainsSpec | null {
  const column = pepnet.optionalText("domain_input_name");
  const written = pepnet.has("task_domain_num");
  const count = pepnet.number("task_domain_num");
  if (column === null) {
    if (count !== 1) problems.push(halfDomains("domain_input_name", `task_domain_num: ${count}`));
    return null;
  }
  if (!written) problems.push(halfDomains("task_domain_num", `domain_input_name: ${stringLiteral(column)}`));
  return { column, count, names };
}

function halfDomains(missing: string, present: string): Problem {
  return {
    path: `${path}.${missing}`,
    message: "domains need both a column and a number",
    received: `only ${present}`,
    expected: `also ${missing}`,
    fix: missing === "task_domain_num" ? "task_domain_num: 3 for values 0, 1 and 2" : 'domain_input_name: "…"',
  };
}
