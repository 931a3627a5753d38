import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Screen.module.css";

/** A screen: its name, what can be done on all of it, and what it shows, which alone scrolls. */
export function Screen(props: {
  title: ReactNode;
  actions?: ReactNode;
  top?: ReactNode;
  children: ReactNode;
  "data-testid": string;
}) {
  return (
    <section className={classes.screen} data-testid={props["data-testid"]}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={1} size={26}>
          {props.title}
        </Title>
        <Group gap="sm">{props.actions}</Group>
      </Group>
      {props.top}
      <div className={classes.content}>{props.children}</div>
    </section>
  );
}
