import type { FastifyInstance, RouteOptions } from "fastify";

export interface Route {
  readonly method: string;
  /** As it was registered: `/api/v1/environments/:env`. */
  readonly url: string;
  /** What its caller needs; `open`: nothing. */
  readonly permission: string;
}

/** Every route of an app. Fastify tells of each as it is registered, and afterwards of none. */
export class RouteTable {
  readonly #registered: RouteOptions[] = [];
  readonly #patterns: { readonly method: string; readonly pattern: URLPattern }[] = [];

  /** Must be called before routes are registered. The app does not start when a route does not say what its caller needs. */
  watch(app: Pick<FastifyInstance, "addHook">): void {
    app.addHook("onRoute", (route) => {
      this.#registered.push(route);
      const pattern = new URLPattern({ pathname: route.url });
      for (const method of [route.method].flat()) this.#patterns.push({ method, pattern });
    });
    app.addHook("onReady", (done) => {
      const silent = this.#registered.find((route) => permissionOf(route) === undefined);
      done(silent && new Error(`The route ${silent.url} does not say which permission it needs`));
    });
  }

  get routes(): Route[] {
    return this.#registered.flatMap((route) =>
      [route.method].flat().map((method) => ({ method, url: route.url, permission: permissionOf(route) ?? "" })),
    );
  }

  /** The methods that a path takes. */
  methodsOf(path: string): string[] {
    const matching = this.#patterns.filter(({ pattern }) => pattern.test({ pathname: path }));
    return [...new Set(matching.map(({ method }) => method))];
  }
}

function permissionOf({ config }: RouteOptions): string | undefined {
  return config?.access === "open" ? "open" : config?.permission;
}
