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
  },
  server: { proxy: PROXY },
  preview: { proxy: PROXY },
});
