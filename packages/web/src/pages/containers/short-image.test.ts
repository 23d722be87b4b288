import { expect, test } from "vitest";
import { shortImage } from "./short-image.ts";

const digest = "0123456789abcdef".repeat(4);
test.each([
  ["nginx:1.27", "nginx:1.27"],
  ["grafana/grafana:11", "grafana/grafana:11"],
  ["registry.example.com/shop/web:1.2", "shop/web:1.2"],
  ["localhost:5000/web", "web"],
  ["localhost/web", "web"],
  [`nginx@sha256:${digest}`, "nginx@sha256:0123456789ab"],
  [`sha256:${digest}`, "0123456789ab"],
])("%s is %s", (image, short) => expect(shortImage(image)).toBe(short));
