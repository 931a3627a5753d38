import { useLingui } from "@lingui/react/macro";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo } from "react";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { Person, QueueCounts } from "../../platform/desk";
import { useReview } from "../../queries";
import { type Group, groupsOf } from "./places";
import classes from "./Shell.module.css";

/** The ways between the screens, each with its key. With those of all sites they are many: then each is one line. */
export function NavRail({ queue, person }: { queue: QueueCounts; person: Person }) {
  const { t } = useLingui();
  const review = useReview();
  const groups = useMemo(() => groupsOf(person.roles), [person.roles]);
  useKeys(groups);
  const counts: Record<string, ReactNode> = {
    review: <Count of={review.data?.length ?? 0} />,
    queue: <Count of={queue.set_aside} />,
  };
  return (
    <nav className={classes.rail} aria-label={t`Screens`} data-many={groups.length > 1}>
      {groups.map(({ modifier, places }) => (
        <ul key={modifier} className={classes.group}>
          {places.map(({ to, icon: Icon, name, id }, index) => (
            <li key={to}>
              <Link
                to={to}
                className={classes.link ?? ""}
                activeOptions={{ exact: true, includeSearch: false }}
                aria-keyshortcuts={`${modifier === "Ctrl" ? "Control" : modifier}+${index + 1}`}
                data-testid={`nav-${id}`}
              >
                <Icon size={28} stroke={1.6} aria-hidden />
                <span>{name}</span>
                <small aria-hidden>
                  {modifier}+{index + 1}
                </small>
                {counts[id]}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

function useKeys(groups: readonly Group[]) {
  const navigate = useNavigate();
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      // The physical key: with Alt, macOS types other letters.
      const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
      if (!digit || event.altKey === event.ctrlKey) {
        return;
      }
      const modifier = event.altKey ? "Alt" : "Ctrl";
      const group = groups.find((candidate) => candidate.modifier === modifier);
      const place = group?.places[Number(digit) - 1];
      if (place) {
        event.preventDefault();
        void navigate({ to: place.to });
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, [navigate, groups]);
}

function Count({ of }: { of: number }) {
  const { language } = useLanguage();
  return of > 0 ? <span className={classes.count}>{formatNumber(of, language)}</span> : null;
}
