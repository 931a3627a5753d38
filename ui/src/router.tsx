import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
} from "@tanstack/react-router";
import * as v from "valibot";
import { ArrivingScreen } from "./screens/arriving/ArrivingScreen";
import { ChangesScreen } from "./screens/changes/ChangesScreen";
import { CopiesScreen } from "./screens/copies/CopiesScreen";
import { DeskScreen } from "./screens/desk/DeskScreen";
import { FiguresScreen } from "./screens/figures/FiguresScreen";
import { InDoubtScreen } from "./screens/in-doubt/InDoubtScreen";
import { NetworkScreen } from "./screens/network/NetworkScreen";
import { PatronsScreen } from "./screens/patrons/PatronsScreen";
import { QueueScreen } from "./screens/queue/QueueScreen";
import { ReviewScreen } from "./screens/review/ReviewScreen";
import { RulesScreen } from "./screens/rules/RulesScreen";
import { Shell } from "./screens/shell/Shell";
import { SitesScreen } from "./screens/sites/SitesScreen";
import { TitlesScreen } from "./screens/titles/TitlesScreen";
import { TransfersScreen } from "./screens/transfers/TransfersScreen";
import { WhereScreen } from "./screens/where/WhereScreen";

/** Which patron or copy is open stands in the address: going back shows it again. */
const Opened = v.object({
  open: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
});

const root = createRootRoute({ component: Shell });
const desk = createRoute({ getParentRoute: () => root, path: "/", component: DeskScreen });
const review = createRoute({
  getParentRoute: () => root,
  path: "/review",
  component: ReviewScreen,
});
const queue = createRoute({ getParentRoute: () => root, path: "/queue", component: QueueScreen });
const titles = createRoute({
  getParentRoute: () => root,
  path: "/titles",
  component: TitlesScreen,
});
const patrons = createRoute({
  getParentRoute: () => root,
  path: "/patrons",
  validateSearch: Opened,
  component: PatronsScreen,
});
const copies = createRoute({
  getParentRoute: () => root,
  path: "/copies",
  validateSearch: Opened,
  component: CopiesScreen,
});

const arriving = createRoute({
  getParentRoute: () => root,
  path: "/arriving",
  component: ArrivingScreen,
});

/** What is sought, and the branch where a patron's card was made. */
const Seeks = v.object({
  of: v.optional(v.picklist(["title", "copy", "patron"])),
  key: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  home: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
});
const where = createRoute({
  getParentRoute: () => root,
  path: "/where",
  validateSearch: Seeks,
  component: WhereScreen,
});

/** Which order is open, or that a new one is made. */
const Ordered = v.object({
  open: v.optional(v.string()),
  compose: v.optional(v.boolean()),
});
const transfers = createRoute({
  getParentRoute: () => root,
  path: "/transfers",
  validateSearch: Ordered,
  component: TransfersScreen,
});
const inDoubt = createRoute({
  getParentRoute: () => root,
  path: "/in-doubt",
  component: InDoubtScreen,
});
const changes = createRoute({
  getParentRoute: () => root,
  path: "/changes",
  component: ChangesScreen,
});
const sites = createRoute({
  getParentRoute: () => root,
  path: "/sites",
  component: SitesScreen,
});
const rules = createRoute({
  getParentRoute: () => root,
  path: "/rules",
  component: RulesScreen,
});
const figures = createRoute({
  getParentRoute: () => root,
  path: "/figures",
  component: FiguresScreen,
});

const network = createRoute({
  getParentRoute: () => root,
  path: "/network",
  component: NetworkScreen,
});

const routeTree = root.addChildren([
  desk,
  review,
  queue,
  titles,
  patrons,
  copies,
  arriving,
  where,
  transfers,
  inDoubt,
  changes,
  rules,
  figures,
  sites,
  network,
]);

/** The screens and their addresses. Each application has its own: tests run several. */
export function makeRouter() {
  return createRouter({ routeTree, history: createHashHistory() });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
