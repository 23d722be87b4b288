import type { MouseEvent, ReactNode } from "react";

export interface TickBoxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly isPartly?: boolean;
  /** `isRange`: with Shift held. */
  readonly onChange: (isRange: boolean) => void;
}

/** The browser's own box: a table draws dozens of them while it scrolls. */
export function TickBox({ label, checked, isPartly = false, onChange }: TickBoxProps): ReactNode {
  return (
    <input
      type="checkbox"
      className="fl-tick"
      aria-label={label}
      checked={checked}
      ref={(box) => {
        if (box) box.indeterminate = isPartly;
      }}
      onChange={() => {}}
      onClick={(event: MouseEvent) => onChange(event.shiftKey)}
      tabIndex={0}
    />
  );
}
