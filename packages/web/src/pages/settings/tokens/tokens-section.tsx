import { Badge, Text } from "@mantine/core";
import type { ApiToken } from "@fairlead/protocol/rest";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { useEnvironments } from "../../../hub/environments.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { scopeText } from "../grants/scope-text.ts";
import { PlainTable } from "../plain-table.tsx";
import { SecretShown } from "../secret-shown.tsx";
import { Answer, Section } from "../section.tsx";
import { NewTokenDialog } from "./new-token-dialog.tsx";

/** API tokens: one's own, and everybody's for who manages them. */
export function TokensSection(): ReactNode {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => hub.listTokens(signal) });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["tokens"] });
  const revoke = async ({ id, name }: ApiToken): Promise<void> => {
    const yes = await confirm({
      title: `Revoke the API token ${name}`,
      body: `Whoever uses ${name} is refused from now on, and its open streams end at once. It cannot be undone.`,
      action: "Revoke the token",
    });
    if (!yes) return;
    await hub.revokeToken(id).then(
      () => notifyDone(`The token ${name} was revoked.`),
      (error: unknown) => notifyFailed(`Revoking ${name}`, error),
    );
    refresh();
  };
  return (
    <Section
      title="API tokens"
      description="For programs: the fairlead command, scripts, CI. A token never does more than the person it belongs to."
      actions={
        <ActionButton leftSection={<IconPlus size={16} aria-hidden />} onAct={() => setMaking(true)}>
          New token
        </ActionButton>
      }
    >
      <Answer query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <EmptyState icon={IconKey} title="No API tokens">
              Make one for a program, or let the fairlead command ask for one: fairlead login {location.origin}
            </EmptyState>
          ) : (
            <PlainTable
              label="API tokens"
              rows={tokens}
              rowKey={({ id }) => id}
              columns={[
                { header: "Name", cell: ({ name }) => <Text fw={500}>{name}</Text> },
                { header: "May", cell: (token) => <TokenGrants token={token} /> },
                { header: "Made", wideOnly: true, cell: ({ createdAt }) => <Age at={createdAt} /> },
                { header: "Used", wideOnly: true, cell: ({ lastUsedAt }) => <Age at={lastUsedAt} /> },
                { header: "Ends", cell: ({ expiresAt }) => <Expiry at={expiresAt} /> },
                {
                  header: "",
                  cell: (token) => (
                    <ActionButton
                      size="xs"
                      variant="default"
                      aria-label={`Revoke ${token.name}`}
                      onAct={() => revoke(token)}
                    >
                      Revoke
                    </ActionButton>
                  ),
                },
              ]}
            />
          )
        }
      </Answer>
      <NewTokenDialog
        opened={making}
        onClose={() => setMaking(false)}
        onMade={(made) => {
          setMaking(false);
          setSecret(made);
          refresh();
        }}
      />
      <SecretShown title="The new API token" what="the API token" secret={secret} onClose={() => setSecret(undefined)}>
        Programs send it as the header Authorization: Bearer TOKEN; the fairlead command reads FAIRLEAD_API_TOKEN.
      </SecretShown>
    </Section>
  );
}

function Expiry({ at }: { at: string | null }): ReactNode {
  if (at === null) return "never";
  return Date.parse(at) < Date.now() ? (
    <Badge color="red" variant="light">
      ended
    </Badge>
  ) : (
    <time dateTime={at}>{new Date(at).toLocaleDateString()}</time>
  );
}

function TokenGrants({ token: { grants, owner } }: { token: ApiToken }): ReactNode {
  const { byId } = useEnvironments();
  if (grants === null) return owner === null ? "everything" : "what its person may";
  return grants
    .map((grant) => {
      const what = "role" in grant ? grant.role : `${grant.permissions.length} permissions`;
      return `${what} ${scopeText(grant.scope, byId)}`;
    })
    .join(", ");
}
