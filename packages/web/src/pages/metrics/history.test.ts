import { describe, expect, test } from "vitest";
import { addLive, joinCourse, type Reading } from "./history.ts";

const at = (...times: number[]): Reading<number>[] => times.map((time) => ({ at: time, metrics: time }));
const times = (points: readonly Reading<number>[]): number[] => points.map((point) => point.at);
const read = (points: Reading<number>[], gaps: { from: number; to: number }[] = []) => ({
  resolution: "full" as const,
  points,
  gaps,
});

describe("a course", () => {
  test("goes on with what is newer than the past", () => {
    const course = joinCourse(read(at(10, 20, 30, 40)), at(30, 40, 50, 60), { from: 0, to: 65 }, true);
    expect(times(course.points)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(course).toMatchObject({ gaps: [], maxStepS: 30 });
  });

  test("that is over takes nothing live", () => {
    const gaps = [{ from: 40, to: 100 }];
    const course = joinCourse(read(at(10, 20, 30, 40), gaps), at(50), { from: 0, to: 100 }, false);
    expect(times(course.points)).toEqual([10, 20, 30, 40]);
    expect(course.gaps).toEqual(gaps);
  });

  test("has the hub's gaps, but those at its end as they are now", () => {
    const gaps = [
      { from: 10, to: 100 },
      { from: 130, to: 180 },
    ];
    const past = read(at(0, 10, 100, 110, 120, 130), gaps);
    expect(joinCourse(past, at(200, 210), { from: 0, to: 220 }, true).gaps).toEqual([
      { from: 10, to: 100 },
      { from: 130, to: 200 },
    ]);
    // Nothing came: it grows.
    expect(joinCourse(past, [], { from: 0, to: 900 }, true).gaps.at(-1)).toEqual({ from: 130, to: 900 });
  });

  test("without a past is what came", () => {
    const course = joinCourse(read([], [{ from: 0, to: 500 }]), at(400, 410), { from: 0, to: 500 }, true);
    expect(times(course.points)).toEqual([400, 410]);
    expect(course.gaps).toEqual([{ from: 0, to: 400 }]);
    expect(joinCourse(undefined, at(5), { from: 0, to: 10 }, true).points).toHaveLength(1);
  });

  test("of 5-minute figures has none between two of them", () => {
    const course = joinCourse({ resolution: "5m", points: at(0, 300, 600), gaps: [] }, [], { from: 0, to: 700 }, true);
    expect(course).toMatchObject({ gaps: [], maxStepS: 900 });
  });
});

test("live readings are added once", () => {
  const live = addLive(at(10, 20), at(10, 20, 30));
  expect(times(live)).toEqual([10, 20, 30]);
  expect(addLive(live, at(20, 30))).toBe(live);
});
