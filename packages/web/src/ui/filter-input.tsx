import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

export interface FilterInputProps {
  readonly label: string;
  readonly placeholder: string;
  /** As the address has it. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A field whose text is kept in the address, which takes a moment: what is typed meanwhile stays. */
export function FilterInput({ label, placeholder, value, onChange }: FilterInputProps): ReactNode {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    // Changed by something else than typing here.
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        told.current = currentTarget.value;
        onChange(currentTarget.value);
      }}
      style={{ flex: "1 1 260px" }}
    />
  );
}
