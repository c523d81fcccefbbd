/** Parses ISO dates, times and zones. */

const iso =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?))?)?$/;

export function isTimeText(text: string): boolean {
  return iso.test(text);
}

/** Milliseconds since 1970 in UTC of an ISO date or time, to the microsecond; NaN for other text. */
export function writtenTime(text: string): number {
  const match = iso.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCDate() !== Number(day)) return Number.NaN;
  const minutes = zoneMinutes(zone.replace(/^(...):?(\d\d)?$/, (_, hours, rest = "00") => `${hours}:${rest}`));
  const seconds = (Number(hour) * 60 + Number(minute) - minutes) * 60 + Number(second);
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  return date.getTime() + seconds * 1000 + Math.floor(micros / 1000) + (micros % 1000) / 1000;
}

/** Whether a text has a time of day but no zone; a date alone is a day in UTC. */
export function lacksZone(text: string): boolean {
  const match = iso.exec(text);
  return match !== null && match[4] !== undefined && match[8] === undefined;
}

/** Whether a text is an ISO date or time that does not say its zone. */
export function isWithoutZone(text: string): boolean {
  const match = iso.exec(text);
  return match !== null && match[8] === undefined;
}

/** Minutes from UTC of a zone such as `+08:00`; NaN for other text. */
export function zoneMinutes(zone: string): number {
  if (zone === "Z" || zone === "UTC") return 0;
  const match = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/.exec(zone);
  if (match === null) return Number.NaN;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}
