/** A fast fake Docker Engine in a process of its own, so that it does not share a core's turn with the client. */
import { startFakeEngine } from "@fairlead/testkit";

const engine = await startFakeEngine();
console.log(`engine on ${engine.socketPath}`);
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
