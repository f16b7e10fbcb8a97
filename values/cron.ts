import { nearest } from "../components/spelling";
import type { Explanation } from "./rule";

/** When a cron line is due: the values of its five fields, in order. */
export interface Cron {
  minutes: number[];
  hours: number[];
  days: number[];
  months: number[];
  /** From 0 for Sunday. */
  weekdays: number[];
  /** Whether the days of the month alone say which days are meant. */
  anyWeekday: boolean;
}

interface Field {
  name: string;
  least: number;
  most: number;
  words?: readonly string[];
}

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const weekdayNames = "sun mon tue wed thu fri sat".split(" ");

const fields = {
  minutes: { name: "minute", least: 0, most: 59 },
  hours: { name: "hour", least: 0, most: 23 },
  days: { name: "day of the month", least: 1, most: 31 },
  months: { name: "month", least: 1, most: 12, words: monthNames },
  weekdays: { name: "day of the week", least: 0, most: 6, words: weekdayNames },
} satisfies Record<string, Field>;

/** The short forms that Kubernetes takes, but for `@every`, whose times depend on when its controller was started. */
const shortForms: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

const lastDay = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** When the line is due, or what is wrong with it. The dialect is that of Kubernetes (github.com/robfig/cron, ParseStandard). */
export function cron(text: string): Cron | Explanation {
  const line = text.trim();
  const zone = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(line);
  if (zone) {
    return {
      problem: "a time zone in the cron line",
      fix: `write schedule: "${zone[2]}" and timeZone: ${zone[1]}`,
    };
  }
  if (line.startsWith("@") && !Object.hasOwn(shortForms, line)) {
    const meant = nearest(line, Object.keys(shortForms));
    return {
      problem: "not a short form of a cron line",
      fix: meant ? `did you mean "${meant}"?` : 'write five fields, for example "0 3 * * *"',
    };
  }
  const words = (Object.hasOwn(shortForms, line) ? (shortForms[line] ?? "") : line).split(/\s+/);
  if (words.length !== 5) return wrongCount(words);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = words;
  const minutes = values(fields.minutes, minute);
  if (!Array.isArray(minutes)) return minutes;
  const hours = values(fields.hours, hour);
  if (!Array.isArray(hours)) return hours;
  const days = values(fields.days, day);
  if (!Array.isArray(days)) return days;
  const months = values(fields.months, month);
  if (!Array.isArray(months)) return months;
  const weekdays = values(fields.weekdays, weekday);
  if (!Array.isArray(weekdays)) return weekdays;
  const due = {
    minutes,
    hours,
    days,
    months,
    weekdays,
    anyWeekday: /(?:^|,)[*?](?:\/1)?(?:,|$)/.test(weekday),
  };
  return neverDue(due) ? impossible(due) : due;
}

/** Seconds between two starts that follow each other most closely. */
export function shortestGap({ minutes, hours }: Pick<Cron, "minutes" | "hours">): number {
  const times = hours
    .flatMap((hour) => minutes.map((minute) => hour * 60 + minute))
    .sort((a, b) => a - b);
  const day = 24 * 60;
  const gaps = times.map((time, at) => (times[at + 1] ?? (times[0] ?? 0) + day) - time);
  return Math.min(day, ...gaps) * 60;
}

/** All values of one field, in order. */
function values(field: Field, text: string): number[] | Explanation {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const values = partValues(field, part);
    if (!Array.isArray(values)) return values;
    for (const value of values) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function partValues(field: Field, part: string): number[] | Explanation {
  const { name, least, most } = field;
  const [range = "", step, ...more] = part.split("/");
  const [from = "", to, ...rest] = range.split("-");
  if (part === "" || more.length > 0 || rest.length > 0) return notA(field, part);
  const open = from === "*" || from === "?";
  if (open && to !== undefined) return notA(field, part);
  if (step !== undefined && !/^[1-9]\d*$/.test(step)) {
    return {
      problem: `${name} ${part}: a step is a whole number from 1 up`,
      fix: `write it like ${range}/${most > 31 ? 15 : 2}`,
    };
  }
  const first = open ? least : valueOf(field, from);
  const end = to ?? (step === undefined && !open ? from : undefined);
  const last = end === undefined ? most : valueOf(field, end);
  for (const [value, word] of [
    [first, from],
    [last, end ?? ""],
  ] as const) {
    if (value === undefined) return notA(field, word);
    if (value < least || value > most) return outside(field, word);
  }
  if (first === undefined || last === undefined) return notA(field, part);
  if (first > last) {
    return {
      problem: `${name} ${range}: the range ends before it starts`,
      fix: `write it as two ranges: ${from}-${most},${least}-${to}`,
    };
  }
  const every = Number(step ?? 1);
  return Array.from(
    { length: Math.floor((last - first) / every) + 1 },
    (_, at) => first + at * every,
  );
}

function valueOf({ least, words = [] }: Field, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const at = words.indexOf(text.toLowerCase());
  return at < 0 ? undefined : at + least;
}

function notA({ name, least, most, words }: Field, text: string): Explanation {
  const meant = words && nearest(text.toLowerCase().slice(0, 3), words);
  const named = words ? ` or ${words[0]}-${words.at(-1)}` : "";
  return {
    problem: `"${text}" is not a ${name}`,
    fix: meant
      ? `did you mean "${meant}"?`
      : `write ${least}-${most}${named}, "*", a list (1,3), a range (1-3) or a step (*/2)`,
  };
}

function outside({ name, least, most }: Field, text: string): Explanation {
  const sunday = name === fields.weekdays.name && text === "7";
  return {
    problem: `${name} ${text} is out of range`,
    fix: sunday ? "write 0 for Sunday" : `choose ${least} to ${most}`,
  };
}

function wrongCount(words: string[]): Explanation {
  const order = "minute, hour, day of the month, month, day of the week";
  if (words.length === 6) {
    return {
      problem: "six fields: Kubernetes knows no seconds and no years",
      fix: `write five (${order}), for example "${words.slice(1).join(" ")}"`,
    };
  }
  const [only = ""] = words;
  if (words.length === 1 && Object.hasOwn(shortForms, `@${only}`)) {
    return { problem: "not a cron line", fix: `write "@${only}"` };
  }
  return {
    problem: `${words.length} ${words.length === 1 ? "field" : "fields"} instead of five`,
    fix: `write five (${order}), for example "0 3 * * *"`,
  };
}

/** Whether no year has such a date; with a weekday beside it, cron takes either. */
function neverDue({ days, months, anyWeekday }: Cron): boolean {
  return (
    anyWeekday && !months.some((month) => days.some((day) => day <= (lastDay[month - 1] ?? 0)))
  );
}

function impossible({ days, months }: Cron): Explanation {
  const names = months.map((month) => monthNames[month - 1]).join(",");
  const longest = Math.max(...months.map((month) => lastDay[month - 1] ?? 0));
  return {
    problem: `never due: there is no day ${days.join(",")} in ${names}`,
    fix: `choose a day up to ${longest}, or another month`,
  };
}
