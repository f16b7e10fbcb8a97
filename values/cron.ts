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
}

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const weekdayNames = "sun mon tue wed thu fri sat".split(" ");
const lastDay = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The fields of a line, with the words that may stand for their numbers. */
const fields = [
  { name: "minute", least: 0, most: 59, words: [] },
  { name: "hour", least: 0, most: 23, words: [] },
  { name: "day of the month", least: 1, most: 31, words: [] },
  { name: "month", least: 1, most: 12, words: monthNames },
  { name: "day of the week", least: 0, most: 6, words: weekdayNames },
];
type Field = (typeof fields)[number];
const order = fields.map(({ name }) => name).join(", ");

/** The short forms that Kubernetes takes, but for `@every`, whose times depend on when its controller was started. */
const shortForms = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

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
  const short = shortForms.get(line);
  if (line.startsWith("@") && short === undefined) {
    const meant = nearest(line, [...shortForms.keys()]);
    return {
      problem: "not a short form of a cron line",
      fix: meant ? `did you mean "${meant}"?` : 'write five fields, for example "0 3 * * *"',
    };
  }
  const words = (short ?? line).split(/\s+/);
  if (words.length !== fields.length) return wrongCount(words);
  const problems: Explanation[] = [];
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = fields.map(
    (field, at) => valuesOf(field, words[at] ?? "", problems),
  );
  const [problem] = problems;
  if (problem) return problem;
  // With a weekday beside it, cron takes either.
  const anyWeekday = /(?:^|,)[*?](?:\/1)?(?:,|$)/.test(words[4] ?? "");
  const longest = Math.max(...months.map((month) => lastDay[month - 1] ?? 0));
  if (anyWeekday && Math.min(...days) > longest) {
    const names = months.map((month) => monthNames[month - 1]).join(",");
    return {
      problem: `never due: there is no day ${days.join(",")} in ${names}`,
      fix: `choose a day up to ${longest}, or another month`,
    };
  }
  return { minutes, hours, days, months, weekdays };
}

/** Seconds between two starts that follow each other most closely. */
export function shortestGap({ minutes, hours }: Pick<Cron, "minutes" | "hours">): number {
  const times = hours
    .flatMap((hour) => minutes.map((minute) => hour * 60 + minute))
    .sort((a, b) => a - b);
  const day = 24 * 60;
  const gaps = times.map((time, at) => (times[at + 1] ?? (times[0] ?? 0) + day) - time);
  return Math.min(...gaps) * 60;
}

/** All values of one field, in order; what is wrong with it is added to the problems. */
function valuesOf(field: Field, text: string, problems: Explanation[]): number[] {
  const values = text.split(",").flatMap((part) => {
    const found = partOf(field, part);
    if (Array.isArray(found)) return found;
    problems.push(found);
    return [];
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function partOf(field: Field, part: string): number[] | Explanation {
  const { name, least, most } = field;
  const form = /^(?:[*?]|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\w*))?$/.exec(part);
  if (!form) return notA(field, part);
  const { from, to, step } = form.groups ?? {};
  if (step !== undefined && !/^[1-9]\d*$/.test(step)) {
    return {
      problem: `${name} ${part}: a step is a whole number from 1 up`,
      fix: `write it like ${part.split("/")[0]}/2`,
    };
  }
  const first = from === undefined ? least : valueOf(field, from);
  const end = to ?? (step === undefined ? from : undefined);
  const last = end === undefined ? most : valueOf(field, end);
  if (typeof first !== "number") return first;
  if (typeof last !== "number") return last;
  if (first > last) {
    return {
      problem: `${name} ${from}-${to}: the range ends before it starts`,
      fix: `write it as two ranges: ${from}-${most},${least}-${to}`,
    };
  }
  const every = Number(step ?? 1);
  const length = Math.floor((last - first) / every) + 1;
  return Array.from({ length }, (_, at) => first + at * every);
}

function valueOf(field: Field, text: string): number | Explanation {
  const { name, least, most, words } = field;
  const at = words.indexOf(text.toLowerCase());
  if (at >= 0) return at + least;
  if (!/^\d+$/.test(text)) return notA(field, text);
  const value = Number(text);
  if (value >= least && value <= most) return value;
  const sunday = words === weekdayNames ? ", with 0 for Sunday" : "";
  return {
    problem: `${name} ${text} is out of range`,
    fix: `choose ${least} to ${most}${sunday}`,
  };
}

function notA({ name, least, most, words }: Field, text: string): Explanation {
  const meant = nearest(text.toLowerCase().slice(0, 3), words);
  const named = words.length > 0 ? ` or ${words[0]}-${words.at(-1)}` : "";
  return {
    problem: `"${text}" is not a ${name}`,
    fix: meant
      ? `did you mean "${meant}"?`
      : `write ${least}-${most}${named}, "*", a list (1,3), a range (1-3) or a step (*/2)`,
  };
}

function wrongCount(words: string[]): Explanation {
  if (words.length === 6) {
    return {
      problem: "six fields: Kubernetes knows no seconds and no years",
      fix: `write five (${order}), for example "${words.slice(1).join(" ")}"`,
    };
  }
  if (shortForms.has(`@${words.join(" ")}`)) {
    return { problem: "not a cron line", fix: `write "@${words[0]}"` };
  }
  return {
    problem: `${words.length} ${words.length === 1 ? "field" : "fields"} instead of five`,
    fix: `write five (${order}), for example "0 3 * * *"`,
  };
}
