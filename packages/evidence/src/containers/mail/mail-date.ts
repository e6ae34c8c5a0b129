import type { Timestamp } from '../../item.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322 with the obsolete zones of RFC 822, section 5, in minutes. */
const ZONES: Readonly<Record<string, number>> = { ut: 0, utc: 0, gmt: 0, z: 0, est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420 };

const DATE = /(\d{1,2})[ \t-]+([A-Za-z]{3})[a-z]*[ \t-]+(\d{2,4})[ \t]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[ \t]+(?:([+-])(\d{2})(\d{2})|([A-Za-z]{1,5})))?/;

/** The moment that a `Date` field names; without a zone it is the sender's own local time. Null for what is no date. */
export function parseMailDate(text: string): Timestamp | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [, day, monthName, yearText, hour, minute, second, sign, zoneHours, zoneMinutes, zoneName] = match;
  const month = MONTHS.indexOf(monthName!.toLowerCase());
  if (month < 0) return null;
  // RFC 5322, section 4.3: two digits from 50 on are of the last century.
  const year = Number(yearText) + (yearText!.length > 3 ? 0 : yearText!.length === 3 || Number(yearText) >= 50 ? 1900 : 2000);
  const milliseconds = Date.UTC(year, month, Number(day), Number(hour), Number(minute), Number(second ?? 0));
  if (Number(day) > 31 || Number(hour) > 24 || Number.isNaN(milliseconds)) return null;
  const named = zoneName === undefined ? undefined : ZONES[zoneName.toLowerCase()];
  const zone = sign !== undefined ? (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1) : named;
  return { seconds: milliseconds / 1000 - (zone ?? 0) * 60, nanoseconds: 0, zone: zone === undefined ? 'local' : 'utc' };
}
