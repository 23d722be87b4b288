import { fileURLToPath } from "node:url";

/** Where `npm run build` puts the page: `index.html` and `assets/`, whose names change with their content. */
export const webFolder: string = fileURLToPath(new URL("./dist/", import.meta.url));
