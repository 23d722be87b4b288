import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** A host's name, which leads to its page. */
export function HostLink({ name, className = "" }: { readonly name: string; readonly className?: string }): ReactNode {
  return (
    <Link to="/environments/$env" params={{ env: name }} className={`fl-link ${className}`}>
      {name}
    </Link>
  );
}
