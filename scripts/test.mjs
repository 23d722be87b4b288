/** `npm test`: installs what is missing, builds the web page if needed, runs every check, then every test. Arguments go to vitest. */
import { installDependencies, run, start } from "./install.mjs";

// Debian's packages come from elsewhere than npm's, and take as long.
const installTools =
  "bash scripts/install-docker-engine.sh && bash scripts/install-chromium.sh chromium-headless-shell";
const toolsInstalled = start("bash", ["-c", installTools]);
installDependencies();
run("node", ["scripts/build.mjs"]);
run("node", ["scripts/check.ts"]);
await toolsInstalled();
run("vitest", ["run", "--reporter=default", "--reporter=./scripts/summary-reporter.ts", ...process.argv.slice(2)]);
