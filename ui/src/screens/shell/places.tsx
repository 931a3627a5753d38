import { Trans } from "@lingui/react/macro";
import {
  IconBarcode,
  IconBook2,
  IconBooks,
  IconBuildingCommunity,
  IconChartBar,
  IconEyeExclamation,
  IconFileDiff,
  IconHourglass,
  IconInbox,
  IconNetwork,
  IconPackageImport,
  IconServer2,
  IconTruckDelivery,
  IconUsers,
  IconWorldSearch,
} from "@tabler/icons-react";
import type { Role } from "../../platform/desk";

/** The screens of one desk: Alt and a digit. */
const AT_THE_DESK = [
  { to: "/", icon: IconBarcode, name: <Trans>Desk</Trans>, id: "desk" },
  { to: "/review", icon: IconEyeExclamation, name: <Trans>Review</Trans>, id: "review" },
  { to: "/queue", icon: IconInbox, name: <Trans>Queue</Trans>, id: "queue" },
  { to: "/titles", icon: IconBooks, name: <Trans>Titles</Trans>, id: "titles" },
  { to: "/patrons", icon: IconUsers, name: <Trans>Patrons</Trans>, id: "patrons" },
  { to: "/copies", icon: IconBook2, name: <Trans>Copies</Trans>, id: "copies" },
] as const;
/** Books are received by those who work at the desk. */
const BY_LIBRARIANS = [
  { to: "/arriving", icon: IconPackageImport, name: <Trans>Arriving</Trans>, id: "arriving" },
] as const;
const WHERE = {
  to: "/where",
  icon: IconWorldSearch,
  name: <Trans>Where is it</Trans>,
  id: "where",
} as const;
/** The screens of all sites, for managers: Ctrl and a digit. */
const ACROSS = [
  WHERE,
  { to: "/transfers", icon: IconTruckDelivery, name: <Trans>Transfers</Trans>, id: "transfers" },
  { to: "/in-doubt", icon: IconHourglass, name: <Trans>In doubt</Trans>, id: "in-doubt" },
  { to: "/changes", icon: IconFileDiff, name: <Trans>Changes</Trans>, id: "changes" },
  { to: "/rules", icon: IconBuildingCommunity, name: <Trans>Rules</Trans>, id: "rules" },
  { to: "/figures", icon: IconChartBar, name: <Trans>Figures</Trans>, id: "figures" },
  { to: "/sites", icon: IconServer2, name: <Trans>Sites</Trans>, id: "sites" },
  { to: "/network", icon: IconNetwork, name: <Trans>Network</Trans>, id: "network" },
] as const;

export type Place =
  | (typeof AT_THE_DESK)[number]
  | (typeof BY_LIBRARIANS)[number]
  | (typeof ACROSS)[number];

/** Places that are reached by one key and a digit. */
export interface Group {
  readonly modifier: "Alt" | "Ctrl";
  readonly places: readonly Place[];
}

/** Where someone with these roles may go. */
export function groupsOf(roles: readonly Role[]): readonly Group[] {
  const isManager = roles.includes("manager");
  const desk: Group = {
    modifier: "Alt",
    places: [
      ...AT_THE_DESK,
      ...(roles.includes("librarian") ? BY_LIBRARIANS : []),
      // Which branch has a title, readers ask at the desk.
      ...(isManager ? [] : [WHERE]),
    ],
  };
  return isManager ? [desk, { modifier: "Ctrl", places: ACROSS }] : [desk];
}
