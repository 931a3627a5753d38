import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n";
import { messageOf } from "../platform/desk";

const LOOKS = {
  info: { color: "ink", icon: <IconInfoCircle aria-hidden /> },
  attention: { color: "yellow.9", icon: <IconAlertTriangle aria-hidden /> },
  error: { color: "red.9", icon: <IconCircleX aria-hidden /> },
} as const;

/** A sentence that stands until it is no longer true. */
export function Notice(props: {
  kind: keyof typeof LOOKS;
  children: ReactNode;
  "data-testid"?: string;
}) {
  const { color, icon } = LOOKS[props.kind];
  return (
    <Alert
      color={color}
      icon={icon}
      role={props.kind === "error" ? "alert" : "status"}
      data-testid={props["data-testid"]}
      styles={{ message: { color: "var(--ink)", fontSize: 16 } }}
      py="xs"
    >
      {props.children}
    </Alert>
  );
}

/** What the desk said when it could not. Nothing where there was no error. */
export function ErrorNotice({ error }: { error: unknown }) {
  const { say } = useLanguage();
  return error ? (
    <Notice kind="error" data-testid="error">
      {say(messageOf(error))}
    </Notice>
  ) : null;
}
