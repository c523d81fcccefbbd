/** The form in which an output says the numbers it stands for, to programs: a flat JSON object of numbers by name. */
export const numbersMime = "application/vnd.pepnet.numbers+json";
