import type { ReactNode } from "react";
import type { LogRowLook } from "./log-row.tsx";

/** Names over the columns of JSON lines, as wide as what stands before and in them. */
export function LogColumnHeads({ look }: { readonly look: LogRowLook }): ReactNode {
  return (
    <div className="fl-log-columns">
      <div className="fl-log-line">
        <span className="fl-log-unfold" style={{ cursor: "default", width: 12 }} />
        {look.times !== "off" && (
          <span className="fl-log-time" style={{ minWidth: TIME_WIDTHS[look.times] }}>
            time
          </span>
        )}
        {look.names.size > 1 && <span className="fl-log-source-head">source</span>}
        <span className="fl-log-level">level</span>
        <span className="fl-log-message">message</span>
        {look.columns?.map((key) => (
          <span key={key} className="fl-log-cell" title={key}>
            {key}
          </span>
        ))}
      </div>
    </div>
  );
}

const TIME_WIDTHS = { local: "var(--fl-log-time)", utc: "calc(var(--fl-log-time) + 1ch)", relative: "14ch" } as const;
