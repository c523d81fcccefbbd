/**
 * The MIME type of the numbers behind an output, for programs: a flat JSON object of numbers by name.
 */
export const numbersMime = "application/vnd.pepnet.numbers+json";
