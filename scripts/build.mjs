/** `npm run build`: builds the web page if what it is made of has changed. Dependencies must be installed. */
import { run } from "./install.mjs";

run("node", ["scripts/build-web.ts"]);
