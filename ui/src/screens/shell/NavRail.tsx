import { Trans, useLingui } from "@lingui/react/macro";
import {
  IconBarcode,
  IconBook2,
  IconBooks,
  IconEyeExclamation,
  IconInbox,
  IconNetwork,
  IconUsers,
} from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo } from "react";
import { formatNumber } from "../../format";
import { useLanguage } from "../../i18n";
import type { Person, QueueCounts } from "../../platform/desk";
import { useReview } from "../../queries";
import classes from "./Shell.module.css";

const PLACES = [
  { to: "/", icon: IconBarcode, name: <Trans>Desk</Trans>, id: "desk" },
  { to: "/review", icon: IconEyeExclamation, name: <Trans>Review</Trans>, id: "review" },
  { to: "/queue", icon: IconInbox, name: <Trans>Queue</Trans>, id: "queue" },
  { to: "/titles", icon: IconBooks, name: <Trans>Titles</Trans>, id: "titles" },
  { to: "/patrons", icon: IconUsers, name: <Trans>Patrons</Trans>, id: "patrons" },
  { to: "/copies", icon: IconBook2, name: <Trans>Copies</Trans>, id: "copies" },
] as const;
/** Only for managers. */
const NETWORK = {
  to: "/network",
  icon: IconNetwork,
  name: <Trans>Network</Trans>,
  id: "network",
} as const;

/** The ways between the screens, each with its key, Alt and a digit. */
export function NavRail({ queue, person }: { queue: QueueCounts; person: Person }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const review = useReview();
  const isManager = person.roles.includes("manager");
  const places = useMemo(() => (isManager ? [...PLACES, NETWORK] : PLACES), [isManager]);
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      // The physical key: with Alt, macOS types other letters.
      const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
      const place = event.altKey && !event.ctrlKey && digit ? places[Number(digit) - 1] : undefined;
      if (place) {
        event.preventDefault();
        void navigate({ to: place.to });
      }
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, [navigate, places]);
  const counts: Record<string, ReactNode> = {
    review: <Count of={review.data?.length ?? 0} />,
    queue: <Count of={queue.set_aside} />,
  };
  return (
    <nav className={classes.rail} aria-label={t`Screens`}>
      {places.map(({ to, icon: Icon, name, id }, index) => (
        <Link
          key={to}
          to={to}
          className={classes.link ?? ""}
          activeOptions={{ exact: true, includeSearch: false }}
          aria-keyshortcuts={`Alt+${index + 1}`}
          data-testid={`nav-${id}`}
        >
          <Icon size={28} stroke={1.6} aria-hidden />
          {name}
          <small aria-hidden>Alt+{index + 1}</small>
          {counts[id]}
        </Link>
      ))}
    </nav>
  );
}

function Count({ of }: { of: number }) {
  const { language } = useLanguage();
  return of > 0 ? <span className={classes.count}>{formatNumber(of, language)}</span> : null;
}
