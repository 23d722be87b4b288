/** `npm run bench`: installs what is missing, then measures. Arguments go to the benchmarks. */
import { installDependencies, run } from "./install.mjs";

installDependencies();
run("bash", ["scripts/install-docker-engine.sh"]);
run("bash", ["scripts/install-bench-tools.sh"]);
run("node", ["bench/src/main.ts", ...process.argv.slice(2)]);
