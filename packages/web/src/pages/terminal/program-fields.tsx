import { Group, Select, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { type Program, programOf, type Shell, SHELLS } from "./shell-choice.ts";

/** The choice of what a terminal starts: the fields, and the program that they make. */
export function useProgramFields(): {
  readonly fields: ReactNode;
  readonly program: Program | { readonly error: string };
} {
  const [shell, setShell] = useState<Shell>("auto");
  const [command, setCommand] = useState("");
  const [user, setUser] = useState("");
  const program = programOf(shell, command, user);
  const fields = (
    <Group gap="sm" align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
      <Select
        label="Shell"
        data={[...SHELLS]}
        value={shell}
        allowDeselect={false}
        onChange={(value) => setShell(value ?? "auto")}
        miw={200}
      />
      {shell === "own" && (
        <TextInput
          label="Command"
          placeholder="python3 -i"
          classNames={{ input: "mono" }}
          value={command}
          onChange={(event) => setCommand(event.currentTarget.value)}
          error={command !== "" && "error" in program ? program.error : undefined}
          miw={200}
        />
      )}
      <TextInput
        label="User"
        placeholder="The container's own"
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
        miw={160}
      />
    </Group>
  );
  return { fields, program };
}
