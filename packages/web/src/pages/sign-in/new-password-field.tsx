import { PasswordInput } from "@mantine/core";
import type { ReactNode } from "react";

/** A password that is chosen; what is too weak the hub says. */
export function NewPasswordField({
  name = "password",
  label = "Password",
}: {
  name?: string;
  label?: string;
}): ReactNode {
  return (
    <PasswordInput
      name={name}
      label={label}
      description="At least 12 characters. Four or five words are good, and easy to remember."
      autoComplete="new-password"
      minLength={12}
      maxLength={128}
      required
      withAsterisk={false}
    />
  );
}
