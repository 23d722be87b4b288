/** `npm start`: installs what is missing, builds the web page if needed, then runs `fairlead up` with the arguments given after `--`. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { installDependencies, root, run } from "./install.mjs";

installDependencies();
run("node", ["scripts/build.mjs"]);
const child = spawn(join(root, "bin", "fairlead"), ["up", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
// The terminal sends Ctrl-C to both; this process only waits, so that the prompt comes back after the clean stop.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
