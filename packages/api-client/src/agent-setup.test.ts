import { expect, test } from "vitest";
import { agentSetup, AGENT_SETUP_WAYS, describeAgentSetup, joinSetup } from "./index.ts";

test("every way holds where to dial and the secret, in the variable that fits it", () => {
  const join = joinSetup("https://hub.example/base", "flj_x");
  const token = agentSetup("http://10.0.0.2:8375", "fla_x");
  expect(join.serverUrl).toBe("wss://hub.example/base/api/v1/agents/connect");
  for (const { key } of AGENT_SETUP_WAYS) {
    expect(join[key]).toContain(join.serverUrl);
    expect(join[key]).toMatch(/FAIRLEAD_JOIN_KEY(=|: )flj_x/);
    expect(token[key]).toContain("ws://10.0.0.2:8375/api/v1/agents/connect");
    expect(token[key]).toMatch(/\bTOKEN(=|: )fla_x/);
  }
});

test("the ways are told one below the other, each under its name", () => {
  const setup = joinSetup("http://hub", "flj_x");
  expect(describeAgentSetup(setup)).toMatch(
    /^# docker run\ndocker run [^]*\n\n# compose.yaml\nservices:[^]*\n\n# from a checkout\nFAIRLEAD/,
  );
});
