import { expect, test } from "vitest";
import { healthOf, toneOf } from "../../docker/container-state.ts";
import { stateSentence } from "./state-sentence.ts";

const health = (Status: string) => ({ Status, FailingStreak: 0, Log: null });

test("is read as the list's own sentence is", () => {
  const sick = stateSentence({ Status: "running", ExitCode: 0, Health: health("unhealthy") });
  expect(healthOf(sick)).toBe("unhealthy");
  expect(healthOf(stateSentence({ Status: "running", ExitCode: 0, Health: health("starting") }))).toBe("starting");
  expect(healthOf(stateSentence({ Status: "running", ExitCode: 0, Health: health("none") }))).toBeUndefined();
  expect(toneOf({ State: "exited", Status: stateSentence({ Status: "exited", ExitCode: 3 }) })).toBe("bad");
  expect(stateSentence({ Status: "created", ExitCode: 0 })).toBe("created");
});
