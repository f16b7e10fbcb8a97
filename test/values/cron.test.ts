import assert from "node:assert";
import { cron, shortestGap } from "../../values/cron";
import { cronLine, timeZone } from "../../values/schedule";
import { rules } from "../../values/rule";

function refusalOf(line: string): string {
  const read = cron(line);
  return "problem" in read ? `${read.problem}: ${read.fix}` : "none";
}

function due(line: string) {
  const read = cron(line);
  assert.ok(!("problem" in read), refusalOf(line));
  return read;
}

describe("a cron line", () => {
  it("has lists, ranges, steps and names", () => {
    const { minutes, hours, days, months, weekdays } = due("0,30 8-10 1-10/4 jan,MAR mon-fri");
    assert.deepEqual(
      { minutes, hours, days, months, weekdays },
      {
        minutes: [0, 30],
        hours: [8, 9, 10],
        days: [1, 5, 9],
        months: [1, 3],
        weekdays: [1, 2, 3, 4, 5],
      },
    );
  });

  it("steps from a value to the end of its field, and from a star over all of it", () => {
    const { minutes, hours } = due("50/4 */8 * * *");
    assert.deepEqual({ minutes, hours }, { minutes: [50, 54, 58], hours: [0, 8, 16] });
  });

  it("may be one of Kubernetes' short forms", () => {
    assert.deepEqual(due("@daily"), due("0 0 * * *"));
  });

  for (const [line, told] of [
    [
      "0 0 3 * * *",
      'six fields: Kubernetes knows no seconds and no years: write five (minute, hour, day of the month, month, day of the week), for example "0 3 * * *"',
    ],
    ["daily", 'not a cron line: write "@daily"'],
    [
      "night",
      '1 field instead of five: write five (minute, hour, day of the month, month, day of the week), for example "0 3 * * *"',
    ],
    // A name that every object of JavaScript has.
    [
      "constructor",
      '1 field instead of five: write five (minute, hour, day of the month, month, day of the week), for example "0 3 * * *"',
    ],
    ["@dayly", 'not a short form of a cron line: did you mean "@daily"?'],
    ["@every 5m", 'not a short form of a cron line: write five fields, for example "0 3 * * *"'],
    [
      "TZ=Europe/Berlin 0 3 * * *",
      'a time zone in the cron line: write schedule: "0 3 * * *" and timeZone: Europe/Berlin',
    ],
    ["60 3 * * *", "minute 60 is out of range: choose 0 to 59"],
    ["0 24 * * *", "hour 24 is out of range: choose 0 to 23"],
    ["0 0 0 * *", "day of the month 0 is out of range: choose 1 to 31"],
    ["0 0 * * 7", "day of the week 7 is out of range: choose 0 to 6, with 0 for Sunday"],
    ["0 0 * * monday", '"monday" is not a day of the week: did you mean "mon"?'],
    ["*/0 * * * *", "minute */0: a step is a whole number from 1 up: write it like */2"],
    [
      "0 22-6 * * *",
      "hour 22-6: the range ends before it starts: write it as two ranges: 22-23,0-6",
    ],
    [
      "0 3 L * *",
      '"L" is not a day of the month: write 1-31, "*", a list (1,3), a range (1-3) or a step (*/2)',
    ],
    [
      "0,, 3 * * *",
      '"" is not a minute: write 0-59, "*", a list (1,3), a range (1-3) or a step (*/2)',
    ],
    ["0 0 31 2 *", "never due: there is no day 31 in feb: choose a day up to 29, or another month"],
    [
      "0 0 31 4,jun *",
      "never due: there is no day 31 in apr,jun: choose a day up to 30, or another month",
    ],
  ] as const) {
    it(`is refused: ${line}`, () => assert.equal(refusalOf(line), told));
  }

  for (const line of ["0 0 29 2 *", "0 0 31 2 mon", "0 0 30-31 2,3 *"]) {
    it(`is due some day: ${line}`, () => assert.equal(refusalOf(line), "none"));
  }

  for (const [line, seconds] of [
    ["* * * * *", 60],
    ["*/15 * * * *", 900],
    ["50 * * * *", 3600],
    ["0,50 * * * *", 600],
    ["0 3 * * *", 86400],
    ["0 1,2 * * *", 3600],
    ["30 1,23 * * *", 7200],
  ] as const) {
    it(`starts at least ${seconds} s apart: ${line}`, () =>
      assert.equal(shortestGap(due(line)), seconds));
  }

  it("keeps its text for Kubernetes, without the spaces around it", () => {
    assert.equal(cronLine.parse(" @daily "), "@daily");
  });
});

describe("a time zone", () => {
  for (const zone of [
    "Europe/Berlin",
    "Etc/UTC",
    "UTC",
    "Asia/Kolkata",
    "America/Port-au-Prince",
  ]) {
    it(`is taken as the IANA spells it: ${zone}`, () => assert.equal(timeZone.parse(zone), zone));
  }

  for (const [zone, remedy] of [
    ["europe/berlin", 'did you mean "Europe/Berlin"?'],
    ["Europe/Berln", 'did you mean "Europe/Berlin"?'],
    ["Berlin", 'did you mean "Europe/Berlin"?'],
    ["new york", 'did you mean "America/New_York"?'],
    ["us/eastern", 'did you mean "America/New_York"?'],
    ["+01:00", "write region and city, for example Europe/Berlin"],
    ["Local", "write region and city, for example Europe/Berlin"],
  ] as const) {
    it(`is refused: ${zone}`, () => {
      assert.equal(timeZone.safeParse(zone).success, false);
      assert.equal(rules.get(timeZone)?.explain?.(zone)?.fix, remedy);
    });
  }
});
