import { Trans } from "@lingui/react/macro";
import { Button, Center, Group, Loader } from "@mantine/core";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ErrorNotice, Notice } from "../../components/Notice";
import { useLanguage } from "../../i18n";
import type { AppView, Message } from "../../platform/desk";
import { useAppView, useDeskNews } from "../../queries";
import { useSessionStore } from "../../session/context";
import { EnrolScreen } from "../enrol/EnrolScreen";
import { SignInScreen } from "../sign-in/SignInScreen";
import { DemoStrip } from "./DemoStrip";
import { NavRail } from "./NavRail";
import { ScanRouting } from "./ScanRouting";
import classes from "./Shell.module.css";
import { StatusBar } from "./StatusBar";

/** The frame of every screen: the ways to the others, the screen, and the state of things below it. */
export function Shell() {
  useDeskNews();
  const { data: view, error } = useAppView();
  useForgetting(view);
  useMending(view?.network_trouble?.code ?? null);
  if (error && !view) {
    return <ErrorNotice error={error} />;
  }
  if (!view) {
    return (
      <Center h="100%">
        <Loader aria-label="Liên Thư" />
      </Center>
    );
  }
  const { desk } = view;
  return (
    <div className={classes.shell}>
      {view.demo && <DemoStrip lines={view.demo} home={desk.enrolment?.branch ?? null} />}
      <Warnings warnings={desk.trouble ? [...view.warnings, desk.trouble] : view.warnings} />
      {desk.person && desk.interrupted.length > 0 && <Interrupted barcodes={desk.interrupted} />}
      <div className={classes.middle}>
        {desk.person && <NavRail queue={desk.queue} person={desk.person} />}
        <main className={classes.main}>
          <Inside view={view}>
            <Outlet />
          </Inside>
        </main>
      </div>
      <StatusBar view={view} />
    </div>
  );
}

/** The screen, once this desk is enrolled and someone is signed in. The network is looked at before too. */
function Inside({ view, children }: { view: AppView; children: ReactNode }) {
  const { pathname } = useLocation();
  if (view.desk.enrolment && view.desk.person) {
    return <ScanRouting>{children}</ScanRouting>;
  }
  if (pathname === NETWORK) {
    return children;
  }
  return view.desk.enrolment ? (
    <SignInScreen desk={view.desk} />
  ) : (
    <EnrolScreen branches={view.branches} />
  );
}

const NETWORK = "/network";

/** A network that cannot be used is what to see to first: its screen opens by itself, once. */
function useMending(trouble: string | null) {
  const navigate = useNavigate();
  useEffect(() => {
    if (trouble !== null) {
      void navigate({ to: NETWORK });
    }
  }, [trouble, navigate]);
}

function Warnings({ warnings }: { warnings: readonly Message[] }) {
  const { say } = useLanguage();
  return warnings.map((warning) => (
    <div key={warning.code} className={classes.warning}>
      <Notice kind="attention" data-testid="warning">
        {say(warning)}
      </Notice>
    </div>
  ));
}

/** What was being scanned when the program last ended: nothing of it happened. */
function Interrupted({ barcodes }: { barcodes: readonly string[] }) {
  const [seen, setSeen] = useState(false);
  const books = barcodes.join(", ");
  return seen ? null : (
    <div className={classes.warning}>
      <Notice kind="attention" data-testid="interrupted">
        <Group justify="space-between" wrap="nowrap">
          <span>
            <Trans>
              The program ended while these books were being scanned. Nothing was recorded of them;
              scan them again: {books}
            </Trans>
          </span>
          <Button variant="default" flex="none" onClick={() => setSeen(true)}>
            <Trans>Done</Trans>
          </Button>
        </Group>
      </Notice>
    </div>
  );
}

/** The next person at this desk sees nothing of the last one's readers. */
function useForgetting(view: AppView | undefined) {
  const store = useSessionStore();
  const login = view?.desk.person?.login ?? null;
  const before = useRef(login);
  const navigate = useNavigate();
  useEffect(() => {
    if (before.current !== login) {
      before.current = login;
      store.happened({ kind: "person-changed" });
      if (login === null) {
        // Whoever comes next begins at the desk, and may not have the right to where the last one was.
        void navigate({ to: "/" });
      }
    }
  }, [login, store, navigate]);
}

/** The name of the application, for the screens before anyone is signed in. */
export function Welcome() {
  return (
    <header className={classes.welcome}>
      <strong>Liên Thư</strong>
      <span>
        <Trans>The branches of a library, working as one</Trans>
      </span>
    </header>
  );
}
