import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

/** A link within the page that costs a table of thousands little: the router's own listens to every change of the address. */
export function PageLink({
  to,
  children,
  className,
}: {
  to: string;
  children: ReactNode;
  className?: string;
}): ReactNode {
  const router = useRouter();
  const go = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    void router.navigate({ to });
  };
  return (
    <a href={to} className={`fl-link ${className ?? ""}`} onClick={go}>
      {children}
    </a>
  );
}
