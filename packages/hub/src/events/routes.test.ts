import type { EventPage } from "@fairlead/protocol/rest";
import { EventPageSchema } from "@fairlead/protocol/rest";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChangeFeed } from "../changes/change-feed.ts";
import { ChangeStore } from "../changes/change-store.ts";
import { silentLog as log } from "../database/database-fixture.ts";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";
import { AFTERWARDS, eventAt } from "./event-fixture.ts";
import { eventRoutes } from "./routes.ts";
import { EventService } from "./service.ts";
import { EventStore } from "./store.ts";

let fixture: AppFixture;
let events: EventService;
const page = Compile(EventPageSchema);

beforeEach(async () => {
  fixture = await appFixture((app, { db, authorization }) => {
    const feed = new ChangeFeed({ store: new ChangeStore(db), log });
    events = new EventService({ store: new EventStore(db, feed), log, now: () => AFTERWARDS });
    eventRoutes(app, { events, authorization });
  });
  const one = await fixture.environments.create({ name: "one" });
  const two = await fixture.environments.create({ name: "two" });
  for (const second of [1, 2, 3]) events.ingest(one.id, eventAt(second));
  events.ingest(two.id, eventAt(4, "die"));
  events.gap(two.id, { from: null, to: AFTERWARDS, reason: "away" });
  await events.flush();
});

afterEach(async () => {
  await events.stop();
  await fixture.stop();
});

async function ask(url: string): Promise<EventPage> {
  const answer = await fixture.request({ url });
  expect(answer.statusCode, answer.body).toBe(200);
  const body = answer.json<EventPage>();
  expect(page.Check(body)).toBe(true);
  return body;
}

const ids = ({ items }: EventPage): number[] => items.map(({ id }) => id);

describe("event routes", () => {
  it("answer over all environments, for some, and for one", async () => {
    expect(ids(await ask("/api/v1/events"))).toEqual([1, 2, 3, 4, 5]);
    expect(ids(await ask("/api/v1/events?environment=two"))).toEqual([4, 5]);
    expect(ids(await ask("/api/v1/environments/one/events?order=desc&limit=2"))).toEqual([3, 2]);
    expect(ids(await ask("/api/v1/environments/1/events?since=2026-01-01T00:00:02Z&until=1767225603"))).toEqual([2]);
    expect(ids(await ask("/api/v1/events?action=die,oom&container=c"))).toEqual([4, 5]);
  });

  it("page by next", async () => {
    const first = await ask("/api/v1/events?limit=3");
    expect(first.next).toBe(3);
    const second = await ask(`/api/v1/events?limit=3&after=${first.next}`);
    expect(ids(second)).toEqual([4, 5]);
    expect(second.next).toBeNull();
  });

  it.each([
    ["/api/v1/events?since=yesterday", 400, "since"],
    ["/api/v1/events?limit=0", 400, "limit"],
    ["/api/v1/events?limit=1001", 400, "limit"],
    ["/api/v1/events?after=-1", 400, "after"],
    ["/api/v1/events?order=up", 400, "order"],
    ["/api/v1/events?environment=nowhere", 404, undefined],
    ["/api/v1/environments/nowhere/events", 404, undefined],
  ])("%s is refused", async (url, status, field) => {
    const answer = await fixture.request({ url });
    expect(answer.statusCode).toBe(status);
    if (field !== undefined) expect(answer.json()).toMatchObject({ code: "bad_request", details: { field } });
  });
});
