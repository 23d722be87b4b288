/** `npm run bench`: installs what is missing, builds the web page if needed, then measures. Arguments go to the benchmarks. */
import { installDependencies, run } from "./install.mjs";

installDependencies();
run("node", ["scripts/build.mjs"]);
run("bash", ["scripts/install-docker-engine.sh"]);
run("bash", ["scripts/install-chromium.sh", "chromium"]);
run("bash", ["scripts/install-bench-tools.sh"]);
run("node", ["bench/src/main.ts", ...process.argv.slice(2)]);
