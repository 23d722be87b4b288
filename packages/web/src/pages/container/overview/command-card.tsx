import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { shortId } from "../../../ui/format.ts";
import { Properties } from "../../../ui/properties.tsx";
import { shellWords } from "../shell-words.ts";
import { Card } from "./card.tsx";

interface CommandCardProps {
  readonly environment: Environment;
  readonly inspect: ContainerInspect;
}

export function CommandCard({ environment, inspect }: CommandCardProps): ReactNode {
  const { Config: config, HostConfig: host, Image } = inspect;
  const restart = host.RestartPolicy;
  return (
    <Card title="What runs">
      <Properties
        items={[
          [
            "Image",
            <Link
              key="image"
              to="/environments/$env/images/$image"
              params={{ env: environment.name, image: shortId(Image) }}
              className="fl-link mono"
            >
              {config.Image}
            </Link>,
          ],
          [
            "Image id",
            <span key="id" className="mono">
              {shortId(Image)}
            </span>,
          ],
          ["Entry point", <Words key="entry" words={config.Entrypoint} />],
          ["Command", <Words key="command" words={config.Cmd} />],
          ["User", config.User || "root, or what the image's user is"],
          ["Working folder", config.WorkingDir || "/"],
          ["Host name", config.Hostname],
          [
            "Starts again",
            restartText(restart?.Name ?? "no", restart?.MaximumRetryCount ?? 0, host.AutoRemove === true),
          ],
          ["Logs go to", host.LogConfig && logText(host.LogConfig.Type, host.LogConfig.Config ?? {})],
          ["File system", host.ReadonlyRootfs === true ? "read only" : undefined],
        ]}
      />
    </Card>
  );
}

function Words({ words }: { readonly words: readonly string[] | null | undefined }): ReactNode {
  if (!words || words.length === 0) return "none";
  return <span className="mono">{shellWords(words)}</span>;
}

function restartText(name: string, retries: number, autoRemove: boolean): string {
  if (autoRemove) return "never: it removes itself when it ends (--rm)";
  if (name === "always") return "always";
  if (name === "unless-stopped") return "always, unless it was stopped";
  if (name === "on-failure") return `when it fails${retries > 0 ? `, at most ${retries} times` : ""}`;
  return "never";
}

function logText(type: string, config: Readonly<Record<string, string>>): string {
  const options = Object.entries(config).map(([name, value]) => `${name}=${value}`);
  return options.length === 0 ? type : `${type} (${options.join(", ")})`;
}
