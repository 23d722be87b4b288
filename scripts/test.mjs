/** `npm test`: installs what is missing, builds the web page if needed, runs every check, then every test. Arguments go to vitest. */
import { installDependencies, run } from "./install.mjs";

installDependencies();
run("node", ["scripts/build.mjs"]);
run("bash", ["scripts/install-docker-engine.sh"]);
run("bash", ["scripts/install-chromium.sh", "chromium-headless-shell"]);
run("node", ["scripts/check.ts"]);
run("vitest", ["run", "--reporter=default", "--reporter=./scripts/summary-reporter.ts", ...process.argv.slice(2)]);
