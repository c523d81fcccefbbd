/**
 * Parses and prints ISO dates and times. A text without a zone is in UTC, so results do not depend on the machine.
 */

const iso =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?))?)?$/;

/** Whether a text is written as an ISO date or time. */
export function isTimeText(text: string): boolean {
  return iso.test(text);
}

/**
 * Milliseconds since 1970 in UTC of an ISO date or time, to the microsecond; NaN for other text and for invalid
 * dates.
 */
export function writtenTime(text: string): number {
  const match = iso.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCDate() !== Number(day)) return Number.NaN;
  const seconds = (Number(hour) * 60 + Number(minute) - zoneMinutes(zone)) * 60 + Number(second);
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  return date.getTime() + seconds * 1000 + Math.floor(micros / 1000) + (micros % 1000) / 1000;
}

/** Whether a text has a time of day but no zone; a date alone is a day in UTC. */
export function lacksZone(text: string): boolean {
  const match = iso.exec(text);
  return match !== null && match[4] !== undefined && match[8] === undefined;
}

/**
 * A time as text, in UTC: `2024-05-06` at midnight, else `2024-05-06 10:30:00`, with a fraction of up to six digits
 * if needed.
 */
export function timeText(milliseconds: number): string {
  const rounded = Math.floor(milliseconds) + Math.round((milliseconds - Math.floor(milliseconds)) * 1000) / 1000;
  const date = new Date(Math.floor(rounded));
  if (Number.isNaN(date.getTime())) return String(milliseconds);
  const micros = Math.round((rounded - Math.floor(rounded)) * 1000);
  const [day = "", clock = ""] = date.toISOString().slice(0, -1).split("T");
  const fraction = `${clock.slice(9)}${String(micros).padStart(3, "0")}`.replace(/0+$/, "");
  if (fraction !== "") return `${day} ${clock.slice(0, 8)}.${fraction}`;
  return clock.startsWith("00:00:00") ? day : `${day} ${clock.slice(0, 8)}`;
}

function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith("-") ? -minutes : minutes;
}
