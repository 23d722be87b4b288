import type { FastifyInstance } from "fastify";

export interface Route {
  readonly method: string;
  /** As it was registered: `/api/v1/environments/:env`. */
  readonly url: string;
}

/** Every route of an app. Fastify tells of each as it is registered, and afterwards of none. */
export class RouteTable {
  readonly routes: Route[] = [];
  readonly #patterns: { readonly method: string; readonly pattern: URLPattern }[] = [];

  /** Must be called before routes are registered. */
  watch(app: Pick<FastifyInstance, "addHook">): void {
    app.addHook("onRoute", ({ method: methods, url }) => {
      const pattern = new URLPattern({ pathname: url });
      for (const method of [methods].flat()) {
        this.routes.push({ method, url });
        this.#patterns.push({ method, pattern });
      }
    });
  }

  /** The methods that a path takes. */
  methodsOf(path: string): string[] {
    const matching = this.#patterns.filter(({ pattern }) => pattern.test({ pathname: path }));
    return [...new Set(matching.map(({ method }) => method))];
  }
}
