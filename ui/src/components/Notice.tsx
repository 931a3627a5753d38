import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useLanguage } from "../i18n";
import { messageOf } from "../platform/desk";
import classes from "./Notice.module.css";

const ICONS = {
  info: IconInfoCircle,
  attention: IconAlertTriangle,
  error: IconCircleX,
} as const;

/** A sentence that stands until it is no longer true. */
export function Notice(props: {
  kind: keyof typeof ICONS;
  children: ReactNode;
  "data-testid"?: string;
}) {
  const Icon = ICONS[props.kind];
  return (
    <div
      className={classes.notice}
      data-kind={props.kind}
      role={props.kind === "error" ? "alert" : "status"}
      data-testid={props["data-testid"]}
    >
      <Icon size={22} aria-hidden />
      <div>{props.children}</div>
    </div>
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
