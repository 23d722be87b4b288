import Type from "typebox";
import type { Prometheus } from "../metrics/prometheus.ts";
import type { HubApp } from "./app.ts";
import { problems } from "./route-schemas.ts";

/** `/metrics`, and the times of all requests for it. Register before the routes that are to be measured. */
export function prometheusRoutes(app: HubApp, prometheus: Prometheus): void {
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    prometheus.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  app.addHook("onClose", () => prometheus.stop());
  app.get(
    "/metrics",
    {
      config: { access: "browser", permission: "hub.metrics" },
      schema: {
        tags: ["hub"],
        summary: "Figures for Prometheus",
        produces: ["text/plain"],
        response: { 200: Type.String({ description: "Prometheus' text format." }), ...problems },
      },
    },
    async (_request, reply) =>
      reply
        .type(prometheus.contentType)
        .serializer(String)
        .send(await prometheus.text()),
  );
}
