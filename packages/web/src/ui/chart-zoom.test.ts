import { expect, test } from "vitest";
import { ChartZoom, moved, zoomed } from "./chart-zoom.ts";

const all = { from: 0, to: 1000 };

test("zooming keeps the middle, and stays within the range", () => {
  expect(zoomed(all, all, 0.5)).toEqual({ from: 250, to: 750 });
  expect(zoomed({ from: 900, to: 1000 }, all, 2)).toEqual({ from: 800, to: 1000 });
  expect(zoomed({ from: 250, to: 750 }, all, 2)).toBeNull();
  expect(zoomed({ from: 500, to: 530 }, all, 0.5)).toEqual({ from: 500, to: 530 });
});

test("moving stops at the ends", () => {
  expect(moved({ from: 200, to: 400 }, all, 0.5)).toEqual({ from: 300, to: 500 });
  expect(moved({ from: 200, to: 400 }, all, -2)).toEqual({ from: 0, to: 200 });
  expect(moved({ from: 700, to: 900 }, all, 2)).toEqual({ from: 800, to: 1000 });
});

test("a slip of the mouse does not zoom into nothing", () => {
  const zoom = new ChartZoom();
  zoom.show({ from: 100, to: 101 });
  expect(zoom.span.value).toEqual({ from: 85.5, to: 115.5 });
  zoom.reset();
  expect(zoom.span.value).toBeNull();
});
