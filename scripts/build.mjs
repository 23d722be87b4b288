/** `npm run build`: builds the web page and the programs if what they are made of has changed. Dependencies must be installed. */
import { run } from "./install.mjs";

run("node", ["scripts/build-web.ts"]);
run("node", ["scripts/build-programs.ts"]);
