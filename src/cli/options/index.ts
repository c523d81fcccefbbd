/** Options that several commands share. */

export { editOption, readConfig } from "./config.js";
export { type CsvChoice, csvChoice, withCsvOptions } from "./csv.js";
export { type EngineChoice, engineChoice, withEngineOptions } from "./engine.js";
export { type ModelChoice, type OpenedModel, openModel, withModelOptions } from "./model.js";
export { integer } from "./numbers.js";
export { openRows, requiredText } from "./rows.js";
