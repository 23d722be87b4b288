import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a hub. */
const HUB = process.env["FAIRLEAD_URL"] ?? "http://localhost:8375";

const PROXY = { "/api": { target: HUB, ws: true, changeOrigin: false } };

export default defineConfig({
  plugins: [react()],
  // Linked packages do not always say that they need react-dom.
  resolve: { dedupe: ["react", "react-dom"] },
  build: {
    target: "es2023",
    // Says which chunks import which: the build checks what a browser loads at first.
    manifest: true,
    // Source maps would double what is installed; the sources are there.
    sourcemap: false,
    chunkSizeWarningLimit: 2_000,
    // Data URLs would need the policy to allow more than this hub's files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Few files: a browser asks a hub for six at once, and each further round waits for the network.
        codeSplitting: {
          groups: [
            { name: "libraries", tags: ["$initial"], test: /node_modules/, priority: 3 },
            { name: "page", tags: ["$initial"], priority: 2 },
            { name: "shared", minShareCount: 8, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: PROXY },
  preview: { proxy: PROXY },
});
