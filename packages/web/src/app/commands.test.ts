import { expect, test } from "vitest";
import { type Command, rankCommands } from "./commands.ts";

const command = (label: string, detail: string): Command => ({ id: `${label} ${detail}`, label, detail });
const all = [
  command("Containers", "page"),
  command("my-web", "container on attic"),
  command("web", "container on cellar"),
  command("cobweb", "container on attic"),
  command("attic", "host"),
];
const labels = (text: string): string[] => rankCommands(all, text, 10).map(({ label }) => label);

test("all words must be there, in the label or beside it", () => {
  expect(labels("web attic")).toEqual(["my-web", "cobweb"]);
  expect(labels("web nowhere")).toEqual([]);
});

test("the start of the label comes first, then the start of a word, then shorter ones", () => {
  expect(labels("web")).toEqual(["web", "my-web", "cobweb"]);
  expect(labels("attic")[0]).toBe("attic");
});

test("without words everything keeps its order, to the limit", () => {
  expect(rankCommands(all, " ", 2).map(({ label }) => label)).toEqual(["Containers", "my-web"]);
});
