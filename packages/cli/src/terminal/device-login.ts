import { FairleadClient } from "@fairlead/api-client";
import { FairleadError, isFairleadError } from "@fairlead/protocol";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Output } from "../output/output.ts";

/**
 * Has a person let this machine in: shows where to go and with which code, and asks until the person has decided.
 *
 * @returns The API token.
 * @throws FairleadError forbidden when the person refused, or nobody decided in time.
 */
export async function deviceLogin(url: string, output: Output): Promise<string> {
  const client = new FairleadClient({ url });
  const login = await client.startDeviceLogin(hostname().slice(0, 100) || "unknown");
  output.note(`Open this in a browser, and allow it if it shows the code ${login.userCode}:`);
  output.note(`  ${login.verificationUrlComplete}`);
  for (;;) {
    await sleep(login.intervalSeconds * 1000);
    const result = await poll(client, login.deviceCode);
    switch (result?.status) {
      case "approved":
        output.note(`${result.email} let this machine in; the token is named '${result.tokenName}'.`);
        return result.token;
      case "denied":
        throw new FairleadError("forbidden", "The person refused; nothing was kept");
      case "expired":
        throw new FairleadError("forbidden", "Nobody allowed it in time; nothing was kept. Start again");
      case "pending":
      case undefined:
    }
  }
}

/** Undefined when there is no answer this time: the code stays good while a hub restarts. */
async function poll(client: FairleadClient, deviceCode: string) {
  try {
    return await client.pollDeviceLogin(deviceCode);
  } catch (error) {
    if (isFairleadError(error) && error.retryable) return undefined;
    throw error;
  }
}
