import { ActionIcon, Button, Menu, type MenuItemProps, Tooltip } from "@mantine/core";
import { type ComponentProps, type MouseEvent, type ReactNode, useState } from "react";
import type { Allowance } from "../hub/access.ts";

type Run = () => unknown;

interface ActionProps {
  /** Off, with the reason as its tooltip, when not allowed. */
  readonly allowance?: Allowance;
  /** While a promise of it is open, the button shows that it works. */
  readonly onAct: Run;
}

function useAction({ allowance, onAct }: ActionProps) {
  const [busy, setBusy] = useState(false);
  const reason = allowance?.allowed === false ? allowance.reason : undefined;
  const onClick = (event: MouseEvent): void => {
    event.stopPropagation();
    if (reason !== undefined) {
      event.preventDefault();
      return;
    }
    const outcome = onAct();
    if (!(outcome instanceof Promise)) return;
    setBusy(true);
    void outcome.catch(() => {}).finally(() => setBusy(false));
  };
  // Not `disabled`: what is off must still be reached, so that its reason can be read.
  const off = reason === undefined ? {} : { "data-disabled": true, "aria-disabled": true };
  return { busy, reason, onClick, off };
}

export type ActionButtonProps = ActionProps & Omit<ComponentProps<typeof Button<"button">>, "onClick" | "loading">;

/** A button that does something, or is off and says why. */
export function ActionButton({ allowance, onAct, children, ...props }: ActionButtonProps): ReactNode {
  const { busy, reason, onClick, off } = useAction({ ...(allowance && { allowance }), onAct });
  return (
    <Tooltip label={reason} disabled={reason === undefined}>
      <Button {...props} {...off} loading={busy} onClick={onClick}>
        {children}
      </Button>
    </Tooltip>
  );
}

export type ActionIconButtonProps = ActionProps & { readonly label: string } & Omit<
    ComponentProps<typeof ActionIcon<"button">>,
    "onClick" | "loading" | "aria-label"
  >;

/** The same as an icon; `label` is its name and its tooltip. */
export function ActionIconButton({ allowance, onAct, label, children, ...props }: ActionIconButtonProps): ReactNode {
  const { busy, reason, onClick, off } = useAction({ ...(allowance && { allowance }), onAct });
  return (
    <Tooltip label={reason === undefined ? label : `${label}: ${reason}`}>
      <ActionIcon variant="subtle" color="gray" {...props} {...off} loading={busy} aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

export type ActionMenuItemProps = ActionProps &
  Omit<MenuItemProps, "closeMenuOnClick"> & { readonly children: ReactNode };

/** The same as a line of a menu. */
export function ActionMenuItem({ allowance, onAct, children, ...props }: ActionMenuItemProps): ReactNode {
  const { reason, onClick, off } = useAction({ ...(allowance && { allowance }), onAct });
  return (
    <Tooltip label={reason} disabled={reason === undefined} position="left">
      <Menu.Item {...props} {...off} closeMenuOnClick={reason === undefined} onClick={onClick}>
        {children}
      </Menu.Item>
    </Tooltip>
  );
}
